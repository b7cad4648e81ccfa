# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""``face-affect models fetch``: from a real HTTP server that cuts connections and lies."""

from __future__ import annotations

import hashlib
import http.server
import json
import re
import threading
from dataclasses import dataclass
from dataclasses import field

import numpy as np
import pytest
import yaml

from face_affect_ros import cli
from face_affect_ros.originals import catalogue as originals
from face_affect_ros.originals import download
from face_affect_ros.originals.catalogue import OriginalFile

DATA = np.random.default_rng(5).bytes(300_000)
OTHER = np.random.default_rng(6).bytes(40_000)


@dataclass
class Site:
    """What a server has and how it behaves.

    :param cuts: after how many bytes each answer is cut, the first answer's first.
    :param ranges: whether it gives parts.
    :param status: what it answers instead, by path, each as often as given.
    :param requests: path and range of every request so far.
    """

    files: dict[str, bytes]
    cuts: list[int] = field(default_factory=list)
    ranges: bool = True
    status: dict[str, list[int]] = field(default_factory=dict)
    requests: list[tuple[str, str | None]] = field(default_factory=list)
    address: str = ''

    def answer(self, handler) -> None:
        """Answer a GET."""
        path, asked = handler.path.lstrip('/'), handler.headers.get('Range')
        self.requests.append((path, asked))
        data = self.files.get(path)
        if self.status.get(path):
            handler.send_error(self.status[path].pop(0))
        elif data is None:
            handler.send_error(404)
        else:
            self._send(handler, data, asked)

    def _send(self, handler, data: bytes, asked: str | None) -> None:
        """Send a file or a part, cut where that is due."""
        start = int(re.fullmatch(r'bytes=(\d+)-', asked)[1]) if asked and self.ranges else 0
        if start >= len(data) and start:
            handler.send_error(416)
            return
        handler.send_response(206 if start else 200)
        if start:
            handler.send_header('Content-Range', f'bytes {start}-{len(data) - 1}/{len(data)}')
        handler.send_header('Content-Length', str(len(data) - start))
        handler.end_headers()
        rest = data[start:]
        handler.wfile.write(rest[: self.cuts.pop(0)] if self.cuts else rest)
        handler.wfile.flush()
        handler.close_connection = True


@pytest.fixture
def site(monkeypatch):
    """Return a site on 127.0.0.1."""
    monkeypatch.setenv('no_proxy', '*')
    state = Site({'owner/repo/c0ffee/net.bin': DATA, 'other.bin': OTHER})

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            state.answer(self)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
    state.address = f'http://127.0.0.1:{server.server_port}'
    monkeypatch.setattr(originals, 'ADDRESS', state.address + '/{repository}/{commit}/{path}')
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield state
    server.shutdown()
    server.server_close()
    thread.join()


def blob(data: bytes) -> str:
    """Return git's id of a file."""
    return hashlib.sha1(b'blob %d\0' % len(data) + data).hexdigest()


@pytest.fixture
def catalogue(site, tmp_path, monkeypatch):
    """Put a catalogue of three originals in the place of ours."""
    home = tmp_path / 'home'
    home.mkdir()
    common = {
        'framework': 'keras',
        'task': 'emotion',
        'licence': 'free as air',
        'input': {'layout': 'NHWC', 'mean': [0.0], 'scale': 1.0, 'size': 4},
    }
    (home / 'originals.yaml').write_text(
        yaml.safe_dump(
            {
                'by_hash': {
                    **common,
                    'files': [
                        {
                            'path': 'a/net.bin',
                            'sha256': hashlib.sha256(DATA).hexdigest(),
                            'bytes': len(DATA),
                            'source': 'owner/repo@c0ffee:net.bin',
                        }
                    ],
                },
                'by_blob': {
                    **common,
                    'files': [
                        {
                            'path': 'b/other.bin',
                            'git_blob': blob(OTHER),
                            'urls': [f'{site.address}/gone.bin', f'{site.address}/other.bin'],
                        }
                    ],
                },
                'nowhere': {
                    **common,
                    'files': [
                        {
                            'path': 'c/lost.bin',
                            'git_blob': 'ab' * 20,
                            'source': 'owner/repo@c0ffee:lost.bin',
                        }
                    ],
                },
            },
            sort_keys=False,
        )
    )
    monkeypatch.setattr(originals, 'HOME', home)
    originals.originals.cache_clear()
    yield
    originals.originals.cache_clear()


def fetch(*arguments) -> int:
    """Run the command."""
    return cli.main(['models', 'fetch', *map(str, arguments)])


def there(folder) -> dict[str, bytes]:
    """Return all files of a folder by their path."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob('*')
        if path.is_file()
    }


def test_fetch_all(catalogue, site, tmp_path, capsys):
    """What is published comes, with its licence; what cannot be had is named and how to look."""
    target = tmp_path / 'to'
    assert fetch('--to', target) == 1
    assert there(target) == {'a/net.bin': DATA, 'b/other.bin': OTHER}
    captured = capsys.readouterr()
    assert captured.out.count('(free as air)') == 3 and 'c/lost.bin: NOT THERE' in captured.out
    (line,) = [line for line in captured.err.splitlines() if 'could not be had' in line]
    assert 'c/lost.bin' in line and 'git blob ' + 'ab' * 20 in line and '404' in line
    assert 'owner/repo@c0ffee:lost.bin' in line and '--from' in line
    asked = len(site.requests)
    assert fetch('by_hash', 'by_blob', '--to', target, '--json') == 0
    assert len(site.requests) == asked
    record = json.loads(capsys.readouterr().out)['originals'][0]
    assert record['files'] == [{'path': 'a/net.bin', 'state': 'was there', 'error': None}]


def test_the_user_data_folder_is_the_default(catalogue, tmp_path, monkeypatch):
    """As XDG says."""
    monkeypatch.setenv('XDG_DATA_HOME', str(tmp_path / 'data'))
    assert fetch('by_blob') == 0
    assert there(tmp_path / 'data/face_affect_ros/originals') == {'b/other.bin': OTHER}


def test_a_cut_connection_is_taken_up_again(catalogue, site, tmp_path):
    """From the byte where it was cut, as often as there is something new."""
    site.cuts = [100_000, 50_000, 1, 20_000, 3, 5, 7]
    assert fetch('by_hash', '--to', tmp_path / 'to') == 0
    assert there(tmp_path / 'to') == {'a/net.bin': DATA}
    assert [asked for _, asked in site.requests][:3] == [None, 'bytes=100000-', 'bytes=150000-']


def test_a_server_without_parts_begins_anew(catalogue, site, tmp_path):
    """It answers 200 with the whole file."""
    site.cuts, site.ranges = [100_000, 200_000], False
    assert fetch('by_hash', '--to', tmp_path / 'to') == 0
    assert there(tmp_path / 'to') == {'a/net.bin': DATA}


def file_of(site, path='owner/repo/c0ffee/net.bin', data=DATA) -> OriginalFile:
    """Return a file of the site."""
    return OriginalFile(
        'net.bin', sha256=hashlib.sha256(data).hexdigest(), urls=(f'{site.address}/{path}',)
    )


def get(file, folder) -> str:
    """Download without waiting between attempts."""
    return download.download(file, folder / 'net.bin', lambda there, total: None, pause=0)


def test_a_later_call_goes_on(site, tmp_path):
    """The part that came stays where an address gives up."""
    site.cuts = [1000] + [0] * download.ATTEMPTS
    with pytest.raises(download.DownloadError, match='cut'):
        get(file_of(site), tmp_path)
    assert there(tmp_path) == {'net.bin.part': DATA[:1000]}
    get(file_of(site), tmp_path)
    assert there(tmp_path) == {'net.bin': DATA} and site.requests[-1][1] == 'bytes=1000-'


@pytest.mark.parametrize('part', [b'of another file', DATA + b'more', OTHER])
def test_a_part_of_another_file_is_thrown_away(site, tmp_path, part):
    """The hash shows it; then all is fetched anew."""
    (tmp_path / 'net.bin.part').write_bytes(part)
    get(file_of(site), tmp_path)
    assert there(tmp_path) == {'net.bin': DATA}


def test_a_whole_part_is_taken(site, tmp_path):
    """The server says that there is no more."""
    (tmp_path / 'net.bin.part').write_bytes(DATA)
    get(file_of(site), tmp_path)
    assert there(tmp_path) == {'net.bin': DATA}


@pytest.mark.parametrize(
    ('answer', 'named'),
    [
        (b'<!DOCTYPE html><html>Sign in', 'an HTML page'),
        (b'\n <HTML>', 'an HTML page'),
        (b'version https://git-lfs.github.com/spec/v1\noid sha256:12', 'a git-lfs pointer'),
        (DATA[:-1] + b'?', 'sha256'),
        (b'', 'an empty file'),
    ],
)
def test_another_file_is_refused_by_name(site, tmp_path, answer, named):
    """Nothing stays behind."""
    site.files['owner/repo/c0ffee/net.bin'] = answer
    with pytest.raises(download.DownloadError, match=named):
        get(file_of(site), tmp_path)
    assert there(tmp_path) == {}


@pytest.mark.parametrize(
    ('codes', 'right'), [([503, 500, 429], True), ([503] * 20, False), ([403], False)]
)
def test_a_server_that_is_busy_is_asked_again(site, tmp_path, codes, right):
    """One that says no is not."""
    site.status['owner/repo/c0ffee/net.bin'] = list(codes)
    if right:
        get(file_of(site), tmp_path)
        assert there(tmp_path) == {'net.bin': DATA}
        return
    with pytest.raises(download.DownloadError, match=f'status {codes[0]}'):
        get(file_of(site), tmp_path)
    assert len(site.requests) == min(len(codes), download.ATTEMPTS)


def test_no_server_at_all(tmp_path, monkeypatch):
    """Its address and the reason are named."""
    monkeypatch.setenv('no_proxy', '*')
    file = OriginalFile('net.bin', sha256='0' * 64, urls=('http://127.0.0.1:9/net.bin',))
    with pytest.raises(download.DownloadError, match=r'127\.0\.0\.1:9/net\.bin: .*refused'):
        get(file, tmp_path)


def test_progress_goes_up_to_the_size(site, tmp_path):
    """What is shown is what is there."""
    seen = []
    download.download(file_of(site), tmp_path / 'net.bin', lambda *now: seen.append(now))
    assert seen[0] == (0, len(DATA)) and seen[-1] == (len(DATA), len(DATA))
    assert seen == sorted(seen)


def test_from_a_folder_by_content(catalogue, site, tmp_path, capsys):
    """Whatever the files are called; the network is not asked."""
    source, target = tmp_path / 'from', tmp_path / 'to'
    (source / 'deep').mkdir(parents=True)
    (source / 'deep/download(1)').write_bytes(OTHER)
    (source / 'net.bin').write_bytes(DATA[::-1])
    assert fetch('--from', source, '--to', target) == 1
    assert there(target) == {'b/other.bin': OTHER} and site.requests == []
    errors = capsys.readouterr().err
    assert 'a/net.bin could not be had' in errors and 'c/lost.bin' in errors
    assert 'b/other.bin' not in errors
    assert fetch('by_blob', '--from', source, '--to', target) == 0


def test_verify_checks_fetched_originals(catalogue, tmp_path, capsys):
    """Those of which something is there; an altered one is named."""
    target = tmp_path / 'to'
    assert fetch('by_hash', 'by_blob', '--to', target) == 0
    assert cli.main(['models', 'verify', '--originals', str(target)]) == 0
    assert capsys.readouterr().out.splitlines()[-2:] == ['by_hash: ok', 'by_blob: ok']
    (target / 'a/net.bin').write_bytes(DATA[:-1])
    assert cli.main(['models', 'verify', '--json', '--originals', str(target)]) == 1
    captured = capsys.readouterr()
    states = {state['name']: state['error'] for state in json.loads(captured.out)['originals']}
    assert list(states) == ['by_hash', 'by_blob'] and not states['by_blob']
    assert 'a/net.bin' in states['by_hash'] and states['by_hash'] in captured.err


def test_list_shows_the_originals(catalogue, capsys):
    """With framework, licence and files; sizes that are not known are not invented."""
    assert cli.main(['models', 'list', '--originals']) == 0
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith('by_blob')]
    assert 'keras' in line and 'not known' in line and 'free as air' in line
    assert cli.main(['models', 'list', '--originals', '--json']) == 0
    entry = json.loads(capsys.readouterr().out)['originals'][0]
    assert entry['files'][0]['addresses'][0].endswith('/owner/repo/c0ffee/net.bin')


@pytest.mark.parametrize(
    'arguments',
    [
        ['fetch', 'no_such'],
        ['fetch', '--from', '/no/such'],
        ['convert'],
        ['convert', 'all', '--from', '/no/such'],
        ['verify', '--originals', '/no/such'],
    ],
)
def test_wrong_usage(arguments, capsys):
    """Exit code 2, named on stderr."""
    assert cli.main(['models', *arguments]) == 2
    assert arguments[-1].split('_')[0] in capsys.readouterr().err
