"""Starts MiniStack with the clock of the stack under test, and a control of it on a port of its own.

Queues, the table's time to live and the schedules live in the time that the tests move: real time plus the milliseconds in
CLOCK_OFFSET_FILE (eight bytes, little endian). Everything else stays in real time, the gateway among it, as on the local stack.

The control:
  GET  /busy   whether a function runs, or a queue holds a message that its function could take now
  GET  /messages  what every queue holds
  POST /fire   fires the schedules that are due, and answers when what they woke has ended
  POST /begin  forgets every message and when the schedules fired last
"""

import asyncio.base_events
import collections
import json
import os
import socket
import struct
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_offset = os.open(os.environ["CLOCK_OFFSET_FILE"], os.O_RDONLY)


def _stack_time():
    return time.time() + struct.unpack("<q", os.pread(_offset, 8, 0))[0] / 1000


class _StackTime:
    """The module `time`, as it looks to the services whose time is moved."""

    time = staticmethod(_stack_time)

    def __getattr__(self, name):
        return getattr(time, name)


class _Processes:
    """The module `subprocess`, as it looks to what starts the functions: each loads the stack's clock first."""

    def __getattr__(self, name):
        return getattr(subprocess, name)

    @staticmethod
    def Popen(*args, env, **options):
        clock = f"--import={os.environ['WORKER_CLOCK']}"
        own = " ".join(filter(None, [env.get("NODE_OPTIONS"), clock]))
        return subprocess.Popen(*args, env={**env, "NODE_OPTIONS": own}, **options)


def _without_delay(sock):
    """On some platforms asyncio leaves the delay on, and every answer over a kept connection takes 40 ms longer."""
    if sock.family in (socket.AF_INET, socket.AF_INET6):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


asyncio.base_events._set_nodelay = _without_delay

from ministack import app  # noqa: E402
from ministack.core import lambda_runtime  # noqa: E402
from ministack.services import dynamodb, eventbridge, lambda_svc, sqs  # noqa: E402

for service in (dynamodb, sqs):
    service.time = _StackTime()


lambda_runtime.subprocess = _Processes()


def _run_target(arn, payload):
    """Runs a rule's function at once instead of in a thread that nobody could wait for."""
    function, config, _ = lambda_svc._get_func_record_for_ref(arn)
    record = lambda_svc._execution_record_for_config(function, config)
    lambda_svc._execute_function_with_config_scope(record, json.loads(payload))


eventbridge._now_ts = _stack_time
eventbridge._dispatch_to_lambda = _run_target
# Its own loop would fire in the middle of a test; the control does it when the clock is moved.
eventbridge.start_scheduler = lambda: None


# Every request at the same moment would otherwise start a process of its own, as AWS would a container.
MOST_PROCESSES = 4
_places = collections.defaultdict(lambda: threading.BoundedSemaphore(MOST_PROCESSES))
_execute = lambda_svc._execute_function_warm


def _execute_in_turn(function, event, request_id):
    with _places[function["config"]["FunctionName"]]:
        return _execute(function, event, request_id)


lambda_svc._execute_function_warm = _execute_in_turn


def _queues():
    return [queue for _, queue in list(sqs._queues._data.items())]


def _receivable(queue):
    now = _stack_time()
    held = {m["group_id"] for m in queue["messages"] if m["visible_at"] > now and m["receive_count"] > 0}
    return any(m["visible_at"] <= now and not (queue["is_fifo"] and m["group_id"] in held) for m in queue["messages"])


def _busy():
    sources = {mapping["EventSourceArn"] for _, _, mapping in lambda_svc._iter_all_esms()}
    waiting = [q for q in _queues() if q["attributes"].get("QueueArn") in sources and _receivable(q)]
    if waiting:
        lambda_svc._esm_wake.set()
    return bool(waiting or lambda_svc._esm_inflight or lambda_runtime.workers_in_use())


def _begin():
    for queue in _queues():
        queue["messages"].clear()
        queue["dedup_cache"].clear()
    eventbridge._rule_last_fired.clear()
    # The first look only notes the present.
    eventbridge._tick_scheduled_rules()


def _messages():
    return {q["name"]: [[m["body"], m.get("message_attributes", {})] for m in q["messages"]] for q in _queues()}


class _Control(BaseHTTPRequestHandler):
    def do_GET(self):
        self._answer({"/busy": _busy, "/messages": _messages})

    def do_POST(self):
        self._answer({"/fire": eventbridge._tick_scheduled_rules, "/begin": _begin})

    def _answer(self, known):
        work = known.get(self.path)
        body = json.dumps(work() if work else "unknown").encode()
        self.send_response(200 if work else 404)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


control = ThreadingHTTPServer(("127.0.0.1", int(os.environ["CONTROL_PORT"])), _Control)
threading.Thread(target=control.serve_forever, daemon=True).start()
app.main()
