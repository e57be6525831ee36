"""Named places outside of Vigil where files are left, as ``EXPORT_STORES`` names them. Pure.

``archive=/mnt/archive,offsite=s3://bucket/vigil?endpoint=https://s3.example.org&region=us-east-1``: a folder,
or a bucket of an S3-compatible store, whose keys come from boto3's own variables.
"""

import re
from importlib.util import find_spec
from typing import Any
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


def alias(name: str) -> str:
    """Under which a store stands in Django's ``STORAGES``."""
    return f"store-{name}"


def parsed(text: str) -> dict[str, dict[str, Any]]:
    """Each store's name with its entry for ``STORAGES``. raises: ValueError naming the store and the rule."""
    stores: dict[str, dict[str, Any]] = {}
    for one in filter(None, (part.strip() for part in text.split(","))):
        name, _, address = one.partition("=")
        if not _NAME.fullmatch(name):
            raise ValueError(f"“{name}” is no name: small letters, digits and hyphens, at most 40.")
        if name in stores:
            raise ValueError(f"“{name}” stands twice.")
        stores[name] = _storage(name, address)
    return stores


def _storage(name: str, address: str) -> dict[str, Any]:
    if address.startswith("/"):
        # whoever fetches the files belongs to the folder's group
        modes = {"file_permissions_mode": 0o640, "directory_permissions_mode": 0o750}
        return {
            "BACKEND": "reports.exports.stores.Folder",
            "OPTIONS": {"location": unquote(address), "allow_overwrite": True, **modes},
        }
    url = urlsplit(address)
    if url.scheme != "s3" or not url.hostname:
        raise ValueError(f"“{name}” is neither a whole path such as /mnt/archive nor s3://bucket.")
    if find_spec("storages") is None:
        raise ValueError(f"“{name}” is an S3 store: install Vigil's extra “s3” for it.")
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": _bucket(name, url)}


def _bucket(name: str, url: SplitResult) -> dict[str, Any]:
    asked = {key: values[-1] for key, values in parse_qs(url.query).items()}
    if unknown := asked.keys() - {"endpoint", "region"}:
        raise ValueError(f"“{name}” has “{min(unknown)}”: known are endpoint and region.")
    options: dict[str, Any] = {
        "bucket_name": url.netloc,
        "location": unquote(url.path.strip("/")),
        "default_acl": None,
        "file_overwrite": True,
    }
    if region := asked.get("region"):
        options["region_name"] = region
    if endpoint := asked.get("endpoint"):
        where = urlsplit(endpoint)
        if where.username or where.password:
            raise ValueError(
                f"“{name}”: keys stand in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, not here."
            )
        if where.scheme != "https" and not (where.scheme == "http" and where.hostname in _LOOPBACK):
            raise ValueError(f"“{name}”: its endpoint must begin with https://.")
        # a bucket as a part of the host's name is Amazon's own way
        options |= {"endpoint_url": endpoint, "addressing_style": "path"}
    return options
