"""The folder that scores on Spark go to: whole or not at all, at any address that Spark writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from churnlab.errors import ChurnlabError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# Readers of Parquet leave out what begins with an underscore.
MARK = "_churnlab"


class SparkFolder:
    """A folder that belongs to runs: `<target>.part` while it is made, then `target`.

    Attributes:
        part: address where the parts are written.
    """

    def __init__(self, session: SparkSession, target: str) -> None:
        self.part = f"{target.rstrip('/')}.part"
        # The file systems of Hadoop are what Spark itself writes with.
        hadoop = session._jvm.org.apache.hadoop.fs
        self._target, self._made = hadoop.Path(target), hadoop.Path(self.part)
        self._mark = hadoop.Path(self._made, MARK)
        self._own = hadoop.Path(self._target, MARK)
        configuration = session._jsc.hadoopConfiguration()
        self._files = self._target.getFileSystem(configuration)
        self._name = target

    def check(self) -> None:
        """Raise where there is something that no run wrote.

        Raises:
            ChurnlabError: names it.
        """
        if self._files.exists(self._target) and not self._files.exists(self._own):
            raise ChurnlabError(
                f"{self._name}: there is such a folder already, and no run wrote it; move it away, "
                "or name another output"
            )

    def finish(self) -> None:
        """Put what was made in the place of what is there.

        Raises:
            ChurnlabError: it could not be moved; says where it is.
        """
        self.check()
        self._files.create(self._mark, True).close()
        self._files.delete(self._target, True)
        if not self._files.rename(self._made, self._target):
            raise ChurnlabError(f"{self._name}: cannot be written; the scores are in {self.part}")
