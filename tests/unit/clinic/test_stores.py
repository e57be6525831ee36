"""How the stores of exports are named in the environment."""

import pytest

from clinic import stores


def test_folders_and_buckets_become_entries_of_storages():
    found = stores.parsed(
        " archive=/mnt/archive%2Cold , offsite=s3://bucket/vigil/x?endpoint=https://s3.example.org&region=eu-1,"
        "plain=s3://other"
    )
    assert list(found) == ["archive", "offsite", "plain"]
    assert found["archive"]["OPTIONS"]["location"] == "/mnt/archive,old"
    assert found["offsite"]["OPTIONS"] == {
        "bucket_name": "bucket",
        "location": "vigil/x",
        "default_acl": None,
        "file_overwrite": True,
        "region_name": "eu-1",
        "endpoint_url": "https://s3.example.org",
        "addressing_style": "path",
    }
    assert "endpoint_url" not in found["plain"]["OPTIONS"]
    assert stores.parsed("") == {}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Archive=/x", "no name"),
        ("a=/x,a=/y", "stands twice"),
        ("a=relative/path", "neither a whole path"),
        ("a=ftp://host/x", "neither a whole path"),
        ("a=s3://", "neither a whole path"),
        ("a=s3://b?acl=public", "has “acl”"),
        ("a=s3://b?endpoint=http://s3.example.org", "must begin with https"),
        ("a=s3://b?endpoint=https://key:secret@s3.example.org", "keys stand in"),
    ],
)
def test_what_is_wrong_or_unsafe_stops_the_start_and_is_named(text, words):
    with pytest.raises(ValueError, match=words) as refused:
        stores.parsed(text)
    assert "secret" not in str(refused.value)


def test_a_bucket_without_the_extra_says_which_is_missing(monkeypatch):
    monkeypatch.setattr(stores, "find_spec", lambda name: None)
    with pytest.raises(ValueError, match="extra “s3”"):
        stores.parsed("a=s3://bucket")
    assert stores.parsed("a=/x")
