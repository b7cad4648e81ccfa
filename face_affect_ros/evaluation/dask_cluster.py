# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Work spread over a Dask cluster that is there already.

A task whose worker dies is done by another one; its result is taken once.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager

from face_affect_ros.evaluation import extra
from face_affect_ros.quoting import quoted
from face_affect_ros.quoting import shortened

CONNECT_S = 15
RETRIES = 3
"""How often a task is done again that raised an error; one whose worker died does not count."""


class ClusterError(Exception):
    """There is no such cluster, or it has no workers; the text says what to do."""


@contextmanager
def executor(address: str) -> Iterator[Executor]:
    """Give an executor whose tasks the cluster's workers carry out.

    :param address: of the scheduler, as ``tcp://192.168.0.1:8786``.
    :raises ClusterError: nobody answers there, or no worker is connected.
    """
    try:
        extra.check_installed(('distributed',))
    except extra.MissingExtraError as error:
        raise ClusterError(
            'a cluster needs dask: pip install "face_affect_ros[dask]", here and on its workers'
        ) from error
    from distributed import Client

    try:
        client = Client(address, timeout=CONNECT_S, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ClusterError(
            f'no Dask scheduler at {quoted(address)} ({shortened(str(error))}): start one with '
            '"dask scheduler", and workers with "dask worker ADDRESS"'
        ) from error
    with client:
        if not client.scheduler_info()['workers']:
            raise ClusterError(f'{quoted(address)} has no workers: dask worker {address}')
        yield client.get_executor(pure=False, retries=RETRIES)
