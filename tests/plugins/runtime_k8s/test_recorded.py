"""The objects of functions, sources and sinks are those that upstream's worker sent, in all that it sent.

`tests/parity/kubernetes` compares hundreds of others with a live one.
"""

from pathlib import Path

import pytest
import yaml

from tests.parity.kubernetes.comparing import differences, with_masked_line
from tests.parity.kubernetes.configurations import CONFIGURATIONS, SECRET_KEY, Configuration
from tests.parity.kubernetes.ours import Ours
from tests.parity.kubernetes.recordings import (
    CERTIFICATE,
    Recorded,
    Recording,
    chosen,
    slug_of,
    submission,
    write_packages,
)
from tests.parity.kubernetes.upstream import secret_id

# Callers' tokens are checked with it, which no object shows.
CALLERS_KEY = {"properties": {"tokenSecretKey": f"data:;base64,{SECRET_KEY}"}}
CASES = [(slug, recorded) for slug in map(slug_of, CONFIGURATIONS) for recorded in Recording.read(slug).recorded]


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_packages(tmp_path_factory.mktemp("packages"))


@pytest.mark.parametrize(("slug", "recorded"), CASES, ids=[f"{slug}-{recorded.name}" for slug, recorded in CASES])
async def test_objects_are_those_that_upstream_sent(
    slug: str, recorded: Recorded, packages: Path, tmp_path: Path
) -> None:
    recording = Recording.read(slug)
    file = tmp_path / "functions_worker.yml"
    file.write_text(yaml.safe_dump(CALLERS_KEY | recording.configuration))
    ours = await Ours.configured(file, CERTIFICATE if recording.certificates else None)
    submitted = submission(recorded.kind, recorded.file, recorded.config, packages)
    plan = await ours.plan(submitted, secret_id(recorded.stateful_set))
    pairs = (plan.service, recorded.service), (plan.stateful_set, recorded.stateful_set)
    found = [each for planned, sent in pairs for each in differences(with_masked_line(planned), sent)]
    assert found == [], "\n".join(found)


@pytest.mark.parametrize("configuration", CONFIGURATIONS, ids=slug_of)
def test_all_that_is_chosen_is_recorded(configuration: Configuration, packages: Path) -> None:
    slug = slug_of(configuration)
    told = [(each.kind, each.file, each.config) for each in Recording.read(slug).recorded]
    assert told == [(each.kind, each.file_name, each.config) for each in chosen(configuration, packages)]
