# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What the three nodes have in common: lifecycle, parameters, demand and diagnostics."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable
from typing import Any

from rclpy.clock import Clock
from rclpy.clock import ClockType
from rclpy.clock import JumpThreshold
from rclpy.duration import Duration
from rclpy.lifecycle import LifecycleNode
from rclpy.lifecycle import LifecycleState
from rclpy.lifecycle import TransitionCallbackReturn

from face_affect_ros import glibc_malloc
from face_affect_ros.engines.protocol import FrameworkError
from face_affect_ros.parameter import ParameterError
from face_affect_ros.registry.catalogue import UnknownNameError
from face_affect_ros.registry.catalogue import WeightsError
from face_affect_ros.ros import qos
from face_affect_ros.ros.diagnostics import Diagnostics
from face_affect_ros.ros.diagnostics import Failures
from face_affect_ros.ros.diagnostics import Report
from face_affect_ros.ros.parameters import NodeParameters
from face_affect_ros.ros.parameters import of_node
from face_affect_ros.ros.rclpy_services import answer_always
from face_affect_ros.ros.throttled_log import ThrottledLog

NAMESPACE = 'face_affect'

WATCHES_PER_DIAGNOSIS = 2 if qos.TELLS_OF_MATCHES else 4
"""How often a second the graph is looked at. Where publishers are told of their subscribers this
is only a safety net and for the image's publishers; on Humble it is how demand is noticed."""

SECONDS_PER_TRIM = 3
"""Seconds after which memory that is free by now is given back to the system: what networks take
for many faces, or for a large picture, adds up where it is kept."""

BACKWARDS = JumpThreshold(
    min_forward=None, min_backward=Duration(nanoseconds=-1), on_clock_change=False
)
"""A simulated clock's jump back, as when a bag is played again. What looks at frames notices it by
their stamps; this is for what waits."""

EXPECTED_ERRORS = (FrameworkError, ParameterError, UnknownNameError, WeightsError)
"""Errors of the set-up whose text says all; any other comes with its traceback."""


class StageNode(LifecycleNode):
    """A managed node around a stage.

    Subclasses say what to do in ``configure``, ``activate``, ``deactivate``, ``clean_up`` (the
    last two may be called in any state), ``update_inputs`` and ``report``. Whatever a transition
    raises is logged and leaves the node unconfigured.

    Transitions, the watch timer, parameter services and QoS events share the node's default
    callback group and so never run at the same time.

    :param name: default name of the node, which the table of parameters knows it by.
    :param cli_args: ROS arguments of this node alone.
    """

    def __init__(self, name: str, cli_args: list[str] | None = None) -> None:
        super().__init__(name, namespace=NAMESPACE, cli_args=cli_args)
        self.configured = False
        self.active = False
        self.enabled = True
        self.parameters = NodeParameters(
            self, of_node(name), lambda: self.configured, self.parameters_changed
        )
        self.log = ThrottledLog(self.get_logger())
        self.failures = Failures(self.log)
        answer_always(
            self,
            lambda where, error: self.failures.add(where, error, 'it is refused'),
            lambda text: self.log.warning('refused transition', text),
        )
        self._diagnostics = Diagnostics(self)
        self._inputs_lock = threading.RLock()
        self._watches = 0
        self._jumps = self.get_clock().create_jump_callback(
            BACKWARDS, post_callback=lambda _: self.forget_newest()
        )
        self._watch_timer = self.create_timer(
            1 / WATCHES_PER_DIAGNOSIS, self._watch, clock=Clock(clock_type=ClockType.STEADY_TIME)
        )

    def configure(self) -> None:
        """Load what is needed and create the outputs."""

    def activate(self) -> None:
        """Start the stage."""

    def deactivate(self) -> None:
        """Stop the stage and let go of the input."""

    def clean_up(self) -> None:
        """Undo ``configure``."""

    def update_inputs(self) -> None:
        """Open the input if anybody wants the outputs, else close it; called only while active."""

    def report(self) -> Report:
        """Return how the node is, for the diagnostics."""
        return Report()

    def forget_newest(self) -> None:
        """Drop what waits or is kept: it is of a time that has not come yet."""

    def set_enabled(self, enabled: bool) -> None:
        """Go on, or rest: take nothing in and compute nothing, whatever the lifecycle state."""
        if enabled == self.enabled:
            return
        self.enabled = enabled
        self.get_logger().info('enabled' if enabled else 'paused')
        self.refresh_inputs()
        if not enabled:
            self.forget_newest()

    def parameters_changed(self, names: set[str]) -> None:
        """Take changed parameters into use."""

    def wants_autostart(self) -> bool:
        """Return the parameter ``autostart``."""
        return self.parameters['autostart'] is not False

    def create_output(self, message_type: type, topic: str) -> Any:
        """Return a publisher of a public topic, whose QoS parameters may override."""
        try:
            return self.create_publisher(
                message_type,
                topic,
                qos.output(),
                **qos.overridable(),
                **qos.on_match(self.refresh_inputs),
            )
        except Exception as error:  # of types that differ between distributions
            name = self.resolve_topic_name(topic)
            reason = str(error).partition(', at /')[0]
            raise ParameterError(
                f'{name} cannot be offered, see the parameters qos_overrides.'
                f'{name}.publisher.*: {reason}'
            ) from error

    def refresh_inputs(self) -> None:
        """Look again whether anybody wants the outputs; from any thread."""
        with self._inputs_lock:
            if self.active:
                self.update_inputs()

    @property
    def state(self) -> str:
        """The lifecycle state in words, as far as it matters to users."""
        return 'active' if self.active else 'inactive' if self.configured else 'unconfigured'

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Check the parameters and configure."""
        return self._transition('configure', self._configure)

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Activate."""
        return self._transition('activate', self._activate)

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Deactivate."""
        return self._transition('deactivate', self._deactivate)

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Clean up."""
        return self._transition('clean up', self._clean_up)

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Stop from any state."""
        self.release()
        return TransitionCallbackReturn.SUCCESS

    def on_error(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Let go of everything, so that the node is unconfigured after a failed transition."""
        self.release()
        return TransitionCallbackReturn.SUCCESS

    def release(self) -> None:
        """Deactivate and clean up, whatever state the node is in; failures are only logged."""
        for name, step in (('deactivate', self._deactivate), ('clean up', self._clean_up)):
            self._transition(name, step)

    def destroy_node(self) -> None:
        """Destroy the node at once: its state machine would hold it until garbage is collected.

        Collected by whatever thread it happens to be, with the interpreter locked, the middleware
        may then wait for itself.
        """
        self._jumps.unregister()
        super().destroy_node()
        self._state_machine.destroy_when_not_in_use()

    def _configure(self) -> None:
        self.parameters.check()
        self.configured = True
        self.configure()
        glibc_malloc.give_back_freed()

    def _activate(self) -> None:
        with self._inputs_lock:
            self.activate()
            self.active = True
            self.update_inputs()

    def _deactivate(self) -> None:
        with self._inputs_lock:
            self.active = False
            self.deactivate()

    def _clean_up(self) -> None:
        self.configured = False
        self.clean_up()

    def _transition(self, name: str, step: Callable[[], None]) -> TransitionCallbackReturn:
        """Run a transition; rclpy would swallow what it raises."""
        before = self.state
        try:
            step()
        except EXPECTED_ERRORS as error:
            self._tell_of_failure(f'cannot {name}: {error}')
        except Exception as error:
            self._tell_of_failure(f'cannot {name}: {type(error).__name__}: {error}', error)
        else:
            if self.state != before:
                self.get_logger().info(f'{self.state} (was {before})')
            return TransitionCallbackReturn.SUCCESS
        return TransitionCallbackReturn.ERROR

    def _tell_of_failure(self, text: str, cause: Exception | None = None) -> None:
        """Log why a transition failed; who tries again and again gets another text at once."""
        self.log.error(('transition', text), text, cause)

    def _watch(self) -> None:
        """Look at the graph; once a second publish the diagnostics."""
        try:
            self.refresh_inputs()
        except Exception as error:
            self.failures.add('watch', error, 'it is tried again')
        self.log.flush()
        self._watches += 1
        if self._watches % (WATCHES_PER_DIAGNOSIS * SECONDS_PER_TRIM) == 0:
            glibc_malloc.give_back_freed()
        if self._watches % WATCHES_PER_DIAGNOSIS == 0:
            report = self._reported()
            if report.error and report.error != report.warning:  # which is logged already
                self.log.warning('fault', report.error)
            self._diagnostics.publish(self.state, not self.enabled, report)

    def _reported(self) -> Report:
        """Return the node's report; of what cannot be told, why."""
        try:
            report = self.report()
        except Exception as error:
            self.failures.add('diagnostics', error, 'they are incomplete')
            return Report(self.failures.recent())
        warning = report.warning or self._namesakes()
        return dataclasses.replace(report, warning=warning)

    def _namesakes(self) -> str:
        """Return a warning where another node has this one's name, else an empty text."""
        name = self.get_fully_qualified_name()
        count = sum(
            f'{namespace.rstrip("/")}/{each}' == name
            for each, namespace in self.get_node_names_and_namespaces()
        )
        if count <= 1:
            return ''
        text = (
            f'{count} nodes are called {name}: give each its own name or namespace (one that '
            'was killed counts for some 20 s)'
        )
        self.log.warning('namesakes', text)
        return text
