"""The allow-list of package URLs, and ways around it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulsemill.config.worker_config import WorkerConfig
from pulsemill.errors import ConfigurationError
from pulsemill.packages.errors import PackageUrlRefusedError
from pulsemill.packages.urls import PackageUrls


def urls(*patterns: str, directory: Path | None = None) -> PackageUrls:
    config = WorkerConfig(
        additional_enabled_functions_url_patterns=patterns,
        functions_directory=str(directory or "./functions"),
        enable_referencing_functions_directory_files=directory is not None,
    )
    return PackageUrls.for_functions(config)


REPOSITORY = r"https://repo\.example/functions/.*"


@pytest.mark.parametrize(
    ("url", "normalised"),
    [
        ("https://repo.example/functions/x.py", "https://repo.example/functions/x.py"),
        ("HTTPS://Repo.Example:443/functions/x.py", "https://repo.example/functions/x.py"),
        ("https://repo.example/functions/./a/../x.py", "https://repo.example/functions/x.py"),
        ("https://repo.example//functions/x.py#top", "https://repo.example/functions/x.py"),
        ("https://repo.example/functions/x.py?version=1", "https://repo.example/functions/x.py?version=1"),
    ],
)
def test_allowed_after_normalisation(url: str, normalised: str) -> None:
    assert urls(REPOSITORY).check(url).url == normalised


@pytest.mark.parametrize(
    "url",
    [
        "https://repo.example/other/x.py",
        "http://repo.example/functions/x.py",
        "https://repo.example:8443/functions/x.py",
        "https://repo.example.evil.example/functions/x.py",
        "https://repo.example@evil.example/functions/x.py",
        "https://evil.example/?https://repo.example/functions/x.py",
        "https://evil.example/#https://repo.example/functions/x.py",
        "https://evil.example\\@repo.example/functions/x.py",
        "https://repo.example/functions/../other/x.py",
        "https://repo.example/functions/%2e%2e/other/x.py",
        "https://repo.example/functions/%2E%2e/other/x.py",
        "https://repo.example/functions/..%2fother/x.py",
        "https://repo.example/functions/%252e%252e/other/x.py",
        "https://repo.example/functions/..%5cother/x.py",
        "https://repo.example/functions/ x.py",
        "https://repo.example/functions/\nx.py",
        " https://repo.example/functions/x.py",
        "https:///functions/x.py",
        "https://[::1/functions/x.py",
        "https://repo.example:port/functions/x.py",
        "ftp://repo.example/functions/x.py",
        "file:///etc/passwd",
        "repo.example/functions/x.py",
        "",
    ],
)
def test_refused(url: str) -> None:
    with pytest.raises(PackageUrlRefusedError) as error:
        urls(REPOSITORY).check(url)
    assert str(error.value) == "Function Package url is not valid.supported url (http/https/file)"


def test_a_pattern_must_match_the_whole_url() -> None:
    with pytest.raises(PackageUrlRefusedError):
        urls(r"https://repo\.example").check("https://repo.example/x.py")


def test_user_info_becomes_credentials_and_is_masked() -> None:
    url = urls(REPOSITORY).check("https://me:p%40ss@repo.example/functions/x.py")
    assert url.auth == ("me", "p@ss")
    assert "ss" not in repr(url).replace("class", "")
    assert url.url == "https://repo.example/functions/x.py"


@pytest.mark.parametrize(
    "url",
    [
        "https://me:hidden@evil.example/x.py",
        "https://me:hidden/@repo.example/functions/x.py",
        "https://me:hidden@repo\u2100example/functions/x.py",
        "https://me:hidden@[::1/functions/x.py",
        "ftp://me:hidden@repo.example/functions/x.py",
    ],
)
def test_no_refusal_shows_a_password(url: str) -> None:
    with pytest.raises(PackageUrlRefusedError) as error:
        urls(REPOSITORY).check(url)
    assert "hidden" not in error.value.why
    assert error.value.__cause__ is None


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "functions" / "deep").mkdir(parents=True)
    (tmp_path / "functions" / "deep" / "a b.py").write_text("1")
    (tmp_path / "secret").write_text("s")
    (tmp_path / "functions" / "link").symlink_to(tmp_path / "secret")
    (tmp_path / "functions" / "up").symlink_to(tmp_path)
    return tmp_path / "functions"


@pytest.mark.parametrize(
    "url", ["file://{d}/deep/a%20b.py", "file:{d}/deep/a%20b.py", "FILE://localhost{d}/deep/a%20b.py"]
)
def test_files_below_the_directory(directory: Path, url: str) -> None:
    assert urls(directory=directory).check(url.format(d=directory)).file == directory / "deep" / "a b.py"


@pytest.mark.parametrize(
    "url",
    [
        "file://{d}/../secret",
        "file://{d}/deep/../../secret",
        "file://{d}/%2e%2e/secret",
        "file://{d}/..%2fsecret",
        "file://{d}/link",
        "file://{d}/up/secret",
        "file://{d}",
        "file://{d}/",
        "file://{d}-other/x.py",
        "file://host{d}/deep/x.py",
        "file://{d}/deep/x.py?a",
        "file://{d}/deep/x.py%00",
        "file:functions/deep/x.py",
        "file:///etc/passwd",
    ],
)
def test_files_elsewhere(directory: Path, url: str) -> None:
    with pytest.raises(PackageUrlRefusedError):
        urls(directory=directory).check(url.format(d=directory))


def test_files_by_pattern_are_compared_where_they_really_are(directory: Path) -> None:
    by_pattern = urls(f"file://{directory}/.*")
    assert by_pattern.check(f"file://{directory}/deep/a%20b.py").file == directory / "deep" / "a b.py"
    for url in ("link", "up/secret", "deep/../../secret"):
        with pytest.raises(PackageUrlRefusedError):
            by_pattern.check(f"file://{directory}/{url}")


def test_referencing_the_directory_can_be_switched_off(directory: Path) -> None:
    config = WorkerConfig(functions_directory=str(directory), enable_referencing_functions_directory_files=False)
    with pytest.raises(PackageUrlRefusedError):
        PackageUrls.for_functions(config).check(f"file://{directory}/deep/a%20b.py")


def test_a_bad_pattern_is_a_configuration_error() -> None:
    with pytest.raises(ConfigurationError, match=r"additionalEnabledFunctionsUrlPatterns: '\(' is not a regular"):
        urls("(")


@given(st.text())
def test_nothing_is_allowed_by_an_empty_list(url: str) -> None:
    with pytest.raises(PackageUrlRefusedError):
        urls().check(url)


@given(st.text(alphabet="./%2eEfF5cC\\x@:#?", max_size=30))
def test_no_spelling_leaves_the_allowed_folder(path: str) -> None:
    try:
        url = urls(REPOSITORY).check(f"https://repo.example/functions/{path}")
    except PackageUrlRefusedError:
        return
    assert url.url.startswith("https://repo.example/functions/")
    assert "/../" not in url.url


def test_connectors_have_a_list_of_their_own(tmp_path: Path) -> None:
    config = WorkerConfig(
        connectors_directory=str(tmp_path / "connectors"),
        functions_directory=str(tmp_path / "functions"),
        additional_enabled_connector_url_patterns=("https://connectors.example/.*",),
        additional_enabled_functions_url_patterns=("https://functions.example/.*",),
    )
    of_connectors = ["https://connectors.example/a.nar", f"file://{tmp_path}/connectors/a.nar"]
    of_functions = ["https://functions.example/a.nar", f"file://{tmp_path}/functions/a.nar"]
    for url in of_connectors:
        assert PackageUrls.for_connectors(config).check(url)
        assert PackageUrls.for_all(config).check(url)
        with pytest.raises(PackageUrlRefusedError):
            PackageUrls.for_functions(config).check(url)
    for url in of_functions:
        assert PackageUrls.for_all(config).check(url)
        with pytest.raises(PackageUrlRefusedError):
            PackageUrls.for_connectors(config).check(url)
