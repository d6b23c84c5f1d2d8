"""Workers and functions whose role the broker knows, and does not let do what they want."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.integration.clusters import Cluster, Worker, has, name_of, url
from tests.integration.secured import Secured, as_role, authentication, token
from tests.rig.waiting import eventually

pytestmark = pytest.mark.pulsar


@pytest.fixture
async def cluster(secured: Secured, tmp_path: Path) -> AsyncIterator[Cluster]:
    async with AsyncExitStack() as closing:
        yield Cluster(tmp_path, secured.broker, f"public/{name_of('rights')}", {}, closing)


def as_worker(role: str) -> dict[str, object]:
    """Keys of a worker that has a role, while functions have their owners'."""
    provider = "org.apache.pulsar.functions.auth.ClearTextFunctionTokenAuthProvider"
    return {**authentication(f"token:{token(role)}"), "functionAuthProviderClassName": provider}


async def test_a_worker_that_may_not_use_the_functions_namespace_is_told_who_lacks_which_right(
    cluster: Cluster,
) -> None:
    cluster.settings |= as_worker("stranger")
    with pytest.raises(AssertionError) as refused:
        await cluster.start("worker")
    error = str(refused.value).partition("Error: ")[2]
    assert error.startswith(f"the worker may not use pulsarFunctionsNamespace {cluster.namespace}: the broker refused")
    assert "the worker's role 'stranger' lacks the rights: make it a super-user of the broker" in error
    assert "to be an admin of the tenant public is enough" in error
    assert "Traceback" not in str(refused.value)
    assert token("stranger") not in str(refused.value)


async def test_an_admin_of_the_tenant_has_the_rights(secured: Secured, cluster: Cluster) -> None:
    tenant = name_of("tenant")
    made = {"adminRoles": ["tenant-admin"], "allowedClusters": ["standalone"]}
    secured.admin.put(f"/admin/v2/tenants/{tenant}", json=made).raise_for_status()
    cluster.settings |= as_worker("tenant-admin")
    cluster.namespace = f"{tenant}/functions"
    worker = await cluster.start("worker")
    worker.http.headers.update(as_role("tenant-admin"))
    await eventually(worker.leads)


@pytest.mark.parametrize("runtime", ["process", "thread"])
async def test_a_function_without_rights_on_its_input_says_so_until_it_has_them(
    secured: Secured, cluster: Cluster, runtime: str
) -> None:
    cluster.settings |= as_worker("worker")
    cluster.runtime = runtime
    worker, owner, name = await cluster.start("worker"), name_of("owner"), name_of("unread")
    worker.http.headers.update(as_role(owner))
    await eventually(worker.leads)
    secured.admin.put(f"/admin/v2/persistent/public/default/{name}-in").raise_for_status()
    assert (await worker.register(name)).status_code == 204
    await eventually(lambda: has(tells(worker, name, "Authorization"), True))
    secured.grant(owner, "consume", "produce")
    await eventually(lambda: has(worker.running(name), 1))
    assert (await worker.http.delete(url(name))).status_code == 204


async def test_a_function_whose_credentials_are_refused_says_so(cluster: Cluster) -> None:
    """It has none: this worker asks nobody for a token, but the broker does."""
    cluster.settings |= {**as_worker("worker"), "authenticationEnabled": False}
    cluster.settings |= {"brokerClientAuthenticationEnabled": True}
    worker, name = await cluster.start("worker"), name_of("anonymous")
    await eventually(worker.leads)
    assert (await worker.register(name)).status_code == 204
    await eventually(lambda: has(tells(worker, name, "does it take the function's credentials?"), True))
    assert (await worker.http.delete(url(name))).status_code == 204


async def tells(worker: Worker, name: str, why: str) -> bool:
    error = str((await worker.http.get(f"{url(name)}/0/status")).json()["error"])
    return f"cannot subscribe to input {name}-in" in error and why in error
