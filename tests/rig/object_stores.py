"""Servers that speak the protocols of S3 and of Google Cloud Storage, each with one bucket and credentials."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import attrs
import boto3
import httpx2

from tests.rig.ports import free_port
from tests.rig.server import Server

BUCKET = "functions"
REGION = "us-east-1"
ALLOW = '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}'


class ObjectStore(Protocol):
    """A running server. `environ` is what a program needs in its environment to use it."""

    @property
    def scheme(self) -> str:
        """That of its URLs."""

    @property
    def environ(self) -> Mapping[str, str]:
        """Where it is, and credentials that may do everything in its buckets."""

    def buckets(self) -> list[str]:
        """Their names."""

    def names(self) -> list[str]:
        """What is in BUCKET."""

    def put(self, name: str, content: bytes) -> None:
        """Store an object, as any other program might."""


@attrs.frozen
class S3:
    """Asks for credentials and for rights. `poor` are credentials of somebody without rights."""

    environ: Mapping[str, str]
    poor: Mapping[str, str]
    scheme: str = "s3"

    def buckets(self) -> list[str]:
        return [bucket["Name"] for bucket in self._client().list_buckets()["Buckets"]]

    def names(self) -> list[str]:
        return [each["Key"] for each in self._client().list_objects_v2(Bucket=BUCKET).get("Contents", [])]

    def put(self, name: str, content: bytes) -> None:
        self._client().put_object(Bucket=BUCKET, Key=name, Body=content)

    def _client(self) -> Any:
        return _client("s3", self.environ)


@attrs.frozen
class Gcs:
    """Asks for no credentials."""

    environ: Mapping[str, str]
    scheme: str = "gs"

    def buckets(self) -> list[str]:
        return self._listed("/storage/v1/b")

    def names(self) -> list[str]:
        return self._listed(f"/storage/v1/b/{BUCKET}/o")

    def put(self, name: str, content: bytes) -> None:
        url = f"{self.environ['STORAGE_EMULATOR_HOST']}/upload/storage/v1/b/{BUCKET}/o"
        httpx2.post(url, params={"uploadType": "media", "name": name}, content=content).raise_for_status()

    def _listed(self, path: str) -> list[str]:
        answer = httpx2.get(f"{self.environ['STORAGE_EMULATOR_HOST']}{path}").raise_for_status()
        return [item["name"] for item in answer.json().get("items", [])]


@contextmanager
def running_s3(folder: Path) -> Iterator[S3]:
    """Moto, which from here on refuses whoever has no right."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    server = Server.start("s3", [sys.executable, "-m", "moto.server", "-p", str(port)], folder, {})
    try:
        server.wait_for(f"{url}/moto-api/")
        anybody = {"AWS_ENDPOINT_URL": url, "AWS_ACCESS_KEY_ID": "anybody", "AWS_SECRET_ACCESS_KEY": "anything"}
        _client("s3", anybody).create_bucket(Bucket=BUCKET)
        users = [_user(name, anybody) for name in ("worker", "poor")]
        _client("iam", anybody).put_user_policy(UserName="worker", PolicyName="all", PolicyDocument=ALLOW)
        httpx2.post(f"{url}/moto-api/reset-auth", content="0").raise_for_status()
        yield S3(*users)
    finally:
        server.stop()


@contextmanager
def running_gcs(folder: Path) -> Iterator[Gcs]:
    """gcp-storage-emulator."""
    port = free_port()
    command = [Path(sys.executable).with_name("gcp-storage-emulator"), "start", "--in-memory", "--host", "127.0.0.1"]
    server = Server.start("gcs", [*command, "--port", str(port), "--default-bucket", BUCKET], folder, {})
    url = f"http://127.0.0.1:{port}"
    try:
        server.wait_for(f"{url}/storage/v1/b", BUCKET)
        # Nobody looks for a cloud that the machine might be in, nor for kinds of buckets that only the cloud has.
        skipped = {"NO_GCE_CHECK": "true", "GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT": "false"}
        yield Gcs({"STORAGE_EMULATOR_HOST": url, **skipped})
    finally:
        server.stop()


def _client(service: str, environ: Mapping[str, str]) -> Any:
    return boto3.client(
        service,
        endpoint_url=environ["AWS_ENDPOINT_URL"],
        aws_access_key_id=environ["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environ["AWS_SECRET_ACCESS_KEY"],
        region_name=REGION,
    )


def _user(name: str, environ: Mapping[str, str]) -> Mapping[str, str]:
    iam = _client("iam", environ)
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return {
        "AWS_ENDPOINT_URL": environ["AWS_ENDPOINT_URL"],
        "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
        "AWS_DEFAULT_REGION": REGION,
    }
