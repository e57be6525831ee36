"""Leaving a finished file in a named place outside: see ``clinic.stores`` for how they are named."""

import os
from pathlib import Path
from typing import IO, Any

from django.core.files import File
from django.core.files.storage import FileSystemStorage, storages

from clinic import stores


class Folder(FileSystemStorage):
    """A folder that others read: a file stands in it whole or not at all."""

    def _save(self, name: str, content: "File[Any]") -> str:
        if not Path(self.location).is_dir():
            # made here, it would hide that what should be mounted is not
            raise FileNotFoundError("the folder is not there: is it mounted?")
        part = super()._save(f"{name}.part", content)  # type: ignore[misc]  # the stubs leave out what each storage has
        os.replace(self.path(part), self.path(name))
        return name


def leave(store: str, name: str, file: IO[bytes]) -> None:
    """Leave a file in a store, in the place of one that has the name.

    raises: whatever its storage raises: OSError, or an error of boto3.
    """
    storages[stores.alias(store)].save(name, File(file))
