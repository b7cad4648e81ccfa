# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The command line as a whole: help, exit codes, interruption, speed."""

import importlib
import re
import subprocess
import sys

import pytest

from face_affect_ros import cli
from face_affect_ros.cli import options
from face_affect_ros.tasks import TASKS

WITHOUT_RUN = 'import sys; from face_affect_ros import cli; code = cli.main(sys.argv[1:]); '


def run(*arguments, code='sys.exit(code)', **others):
    """Run the command line in a process of its own."""
    return subprocess.run(
        [sys.executable, '-c', WITHOUT_RUN + code, *arguments],
        capture_output=True,
        text=True,
        timeout=100,
        **others,
    )


def test_help_names_every_command_and_shows_examples(capsys):
    """Help is where people learn it."""
    assert cli.main(['--help']) == 0
    text = capsys.readouterr().out
    for name, module in cli.COMMANDS.items():
        assert re.search(rf'^ +{name}\s', text, re.MULTILINE)
        assert importlib.import_module(module).SUMMARY.split()[0] in text
    assert 'examples:' in text and 'Exit codes' in text


@pytest.mark.parametrize('command', cli.COMMANDS)
def test_each_command_has_help_with_examples(command, capsys):
    """Every subcommand explains itself."""
    assert cli.main([command, '--help']) == 0
    text = capsys.readouterr().out
    assert f'usage: face-affect {command}' in text and 'face-affect ' in text.split('usage:')[1]


def test_version(capsys):
    """The version is that of the installed package."""
    assert cli.main(['--version']) == 0
    assert re.fullmatch(r'face-affect \d+\.\d+\.\d+\n', capsys.readouterr().out)


@pytest.mark.parametrize(
    ('arguments', 'named'),
    [
        ([], 'usage: face-affect'),
        (['dance'], 'dance'),
        (['classify'], 'PICTURE'),
        (['classify', 'a.png', '--no-such'], '--no-such'),
        (['classify', 'a.png', '--model', '9'], "'9'"),
        (['classify', 'a.png', '--min-face-size', '5'], '12..4096'),
        (['classify', 'a.png', '--threads', '0'], '1..64'),
        (['classify', 'a.png', '--threads', 'two'], 'two'),
        (['classify', 'a.png', '--min-face-size', 'nan'], 'nan'),
        (['models'], 'ACTION'),
        (['train', 'emotion_mini_xception'], '--data'),
        (['bench', '--repeat', '0'], '--repeat'),
        (['classify', 'a.png', '--ros-args', '-p', 'x:=1'], '--ros-args'),
    ],
)
def test_wrong_usage_is_named_and_exits_with_2(arguments, named, capsys):
    """Wrong usage is told on stderr, nothing goes to stdout."""
    assert cli.main(arguments) == 2
    captured = capsys.readouterr()
    assert named in captured.err and not captured.out


def test_ros_arguments_reach_run_only(monkeypatch):
    """What follows --ros-args is handed to ``run`` as it is."""
    module = importlib.import_module(cli.COMMANDS['run'])
    seen = []
    monkeypatch.setattr(module, 'run', lambda arguments: seen.append(arguments) or 0)
    assert cli.main(['run', '--ros-args', '-r', '__ns:=/robot', '--log-level', 'debug']) == 0
    assert seen[0].ros_arguments == ['-r', '__ns:=/robot', '--log-level', 'debug']
    assert cli.main(['run']) == 0
    assert seen[1].ros_arguments == []


@pytest.mark.parametrize(
    ('raised', 'code', 'told'),
    [
        (KeyboardInterrupt(), 130, ''),
        (cli.CommandError('no luck'), 1, 'error: no luck'),
        (cli.UsageError('not so'), 2, 'error: not so'),
        (MemoryError(), 1, 'memory'),
        (OSError(5, 'Input/output error', 'f' * 5000), 1, 'Input/output error'),
    ],
)
def test_exit_codes_of_what_a_command_raises(monkeypatch, capsys, raised, code, told):
    """Ctrl-C ends without a traceback; failures are named on stderr."""
    module = importlib.import_module(cli.COMMANDS['models'])

    def fail(_arguments):
        raise raised

    monkeypatch.setattr(module, 'run', fail)
    assert cli.main(['models', 'list']) == code
    captured = capsys.readouterr()
    assert told in captured.err and 'Traceback' not in captured.err and not captured.out


def test_a_defect_is_not_hidden(monkeypatch):
    """An error that nobody expects keeps its traceback."""
    module = importlib.import_module(cli.COMMANDS['models'])
    monkeypatch.setattr(module, 'run', lambda arguments: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        cli.main(['models', 'list'])


def test_a_reader_that_leaves_is_no_traceback():
    """``face-affect ... | head -1`` ends quietly."""
    process = subprocess.Popen(
        [sys.executable, '-c', WITHOUT_RUN + 'sys.exit(code)', 'models', 'list'],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    process.stdout.close()
    errors = process.stderr.read()
    assert process.wait(100) == 141 and errors == b''


def test_help_imports_nothing_heavy():
    """Help and wrong usage are there at once."""
    heavy = ['cv2', 'numpy', 'onnxruntime', 'PIL', 'rclpy', 'scipy', 'tqdm']
    for arguments in (
        ['--help'],
        ['classify', '--help'],
        ['bench', '--help'],
        ['models', '--help'],
        ['train', '--help'],
        ['classify'],
    ):
        done = run(*arguments, code=f'print(sorted(set({heavy}) & set(sys.modules)))')
        assert done.stdout.splitlines()[-1] == '[]', arguments


def test_only_the_command_that_is_called_is_imported():
    """Start-up does not pay for the other commands."""
    done = run('models', 'verify', code='print("face_affect_ros.cli.classify" in sys.modules)')
    assert done.stdout.splitlines()[-1] == 'False'


def test_options_are_the_parameters():
    """Names, defaults and ranges are those of the nodes' parameters."""
    parameters = pytest.importorskip('face_affect_ros.ros.parameters')
    import argparse

    parser = argparse.ArgumentParser()
    options.add_model_options(parser)
    table = {parameter.name: parameter for parameter in parameters.TABLE}
    names = [action.dest for action in parser._actions if action.dest != 'help']
    assert names
    for name in names:
        if name != 'max_faces':  # a stream has a bound, a picture has none
            assert parser.get_default(name) == table[name].default
        assert parser._option_string_actions[options.flag(name)].dest == name
        for limit, step in zip(table[name].limits or (), (-1, 1)):
            flag = options.flag(name)
            count = len(table[name].default) if table[name].kind is tuple else 1
            given = getattr(parser.parse_args([flag, *[str(limit)] * count]), name)
            assert given == ([limit] * count if count > 1 else limit)
            with pytest.raises(SystemExit):
                parser.parse_args([flag, *[str(limit + step)] * count])


def test_settings_carry_the_options():
    """What is asked for arrives at the model."""
    import argparse

    parser = argparse.ArgumentParser()
    options.add_model_options(parser)
    settings = options.settings(
        parser.parse_args(
            [
                '--min-face-size',
                '20',
                '--max-faces',
                '3',
                '--threads',
                '2',
                '--gender-threshold',
                '0.8',
                '--weights-dir',
                'here',
                '--emotion-threshold',
                '0.3',
                '--min-confidence',
                '0.7',
                '--thresholds',
                '0.5',
                '0.6',
                '0.7',
            ]
        )
    )
    assert (settings.threads, settings.gender_threshold, settings.weights_dir) == (2, 0.8, 'here')
    assert settings.emotion_threshold == 0.3
    for detector in (settings.mtcnn, settings.dlib):
        assert (detector.min_face_size, detector.max_faces) == (20, 3)
    assert settings.mtcnn.min_confidence == settings.dlib.min_confidence == 0.7
    assert settings.mtcnn.thresholds == (0.5, 0.6, 0.7)
    assert settings.tasks == tuple(TASKS)
    settings = options.settings(parser.parse_args(['--no-age-enable', '--gender-enable']))
    assert settings.tasks == ('emotion', 'gender', 'attributes')
