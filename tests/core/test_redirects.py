"""Where a redirect may lead."""

import httpx2
import pytest

from pulsemill.redirects import MAX_REDIRECTS, RedirectError, Redirects, ask_who_is_responsible, is_redirect


def redirect(location: str, at: str = "http://one:1/a?q=1") -> httpx2.Response:
    return httpx2.Response(307, headers={"Location": location}, request=httpx2.Request("GET", at))


@pytest.mark.parametrize(("status", "redirects"), [(200, False), (302, False), (303, False), (307, True), (308, True)])
def test_only_what_keeps_the_method_is_a_redirect(status: int, redirects: bool) -> None:
    assert is_redirect(httpx2.Response(status)) is redirects


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("http://two:2/b?r=2", "http://two:2/b?r=2"),
        ("https://one:1/a", "https://one:1/a"),
        ("/a%3Fb", "http://one:1/a%3Fb"),
    ],
)
def test_where_it_leads(location: str, target: str) -> None:
    assert str(Redirects().follow(redirect(location))) == target


@pytest.mark.parametrize("location", ["", "ftp://two/a", "http://two:port/a"])
def test_nowhere(location: str) -> None:
    with pytest.raises(RedirectError, match="is no address") as caught:
        Redirects().follow(redirect(location))
    assert caught.value.status == 307


def test_never_away_from_https() -> None:
    with pytest.raises(RedirectError, match="refused to follow the redirect from https to http://two/a"):
        Redirects().follow(redirect("http://two/a", at="https://one/a"))


async def test_not_for_ever() -> None:
    asked: list[httpx2.Request] = []

    def handler(request: httpx2.Request) -> httpx2.Response:
        asked.append(request)
        return httpx2.Response(307, headers={"Location": "/again"})

    async with httpx2.AsyncClient(transport=httpx2.MockTransport(handler)) as client:
        with pytest.raises(RedirectError, match="more than 5 redirects, the last one to http://one/again"):
            await ask_who_is_responsible(client, "GET", "http://one/a", dict)
    assert len(asked) == MAX_REDIRECTS + 1
