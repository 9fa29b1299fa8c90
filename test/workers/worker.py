"""A worker in Python, written from docs/worker-protocol.md alone.

Environment: NATS_URL, NAMESPACE, QUEUE, GROUP. It prints a line for each thing it does.
"""

import asyncio
import json
import os
import signal
import uuid

import nats
from nats.js.errors import APIError

NAMESPACE = os.environ["NAMESPACE"]
QUEUE, GROUP = os.environ["QUEUE"], os.environ["GROUP"]
LEASE_S = float(os.environ.get("LEASE_S", "30"))
TYPE = "io.boomerang.event.task."


def say(*words):
    print(*words, flush=True)


class Fails(Exception):
    pass


async def answer(js, task, kind, data):
    event = {
        "specversion": "1.0",
        "id": f"{task['id']}:{kind}" if kind != "progress" else str(uuid.uuid4()),
        "source": f"/workers/{QUEUE}",
        "type": TYPE + kind,
        "activityid": task["activityid"],
        "taskname": task["taskname"],
        "attempt": task["attempt"],
        "datacontenttype": "application/json",
        "data": data,
    }
    headers = {"content-type": "application/cloudevents+json"}
    payload = json.dumps(event).encode()
    await js.publish(f"{NAMESPACE}.answer.{QUEUE}.{GROUP}", payload, headers=headers)


async def work(js, task, cancelled):
    order = task["data"]["input"] or {}
    what = order.get("do")
    say("begin", what, task["taskname"], task["attempt"])
    if what == "hang":
        await asyncio.wait_for(cancelled.wait(), 60)
        raise Fails("cancelled")
    if what == "progress":
        lines = ["one", "two"]
        await answer(js, task, "progress", {"percent": 50, "message": "half", "lines": lines})
        await asyncio.wait_for(cancelled.wait(), 60)
    if what == "fail-once" and task["attempt"] == 1:
        raise Fails("not yet")
    return {"echo": order, "key": task["idempotencykey"], "attempt": task["attempt"]}


async def keep_lease(message):
    while True:
        await asyncio.sleep(LEASE_S / 3)
        await message.in_progress()


async def handle(js, message, cancels):
    task = json.loads(message.data)
    cancelled = cancels.setdefault(task["id"], asyncio.Event())
    lease = asyncio.create_task(keep_lease(message))
    try:
        results = await work(js, task, cancelled)
        await answer(js, task, "succeeded", {"results": results})
    except Fails as error:
        failure = {"code": "NOT_YET", "message": str(error), "retryable": True, "outcomeKnown": True}
        await answer(js, task, "failed", failure)
    finally:
        lease.cancel()
        cancels.pop(task["id"], None)
    await message.ack()
    say("end", task["taskname"], task["attempt"])


async def main():
    connection = await nats.connect(os.environ["NATS_URL"], inbox_prefix=f"_INBOX_{QUEUE}_{GROUP}")
    js = connection.jetstream()
    cancels, running, stopping = {}, set(), asyncio.Event()

    async def on_cancel(message):
        task = json.loads(message.data)
        say("cancelled", task["taskname"])
        if task["id"] in cancels:
            cancels[task["id"]].set()

    await connection.subscribe(f"{NAMESPACE}.cancel.{QUEUE}.{GROUP}", cb=on_cancel)
    stream = f"{NAMESPACE.upper()}_TASKS"
    tasks = await js.pull_subscribe_bind(f"{QUEUE}_{GROUP}", stream)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    say("ready")
    while not stopping.is_set():
        try:
            for message in await tasks.fetch(4, timeout=1):
                one = asyncio.create_task(handle(js, message, cancels))
                running.add(one)
                one.add_done_callback(running.discard)
        except asyncio.TimeoutError:
            # No message came. It is the base of the client's own error, which `fetch` does not raise in each case.
            pass
        except (APIError, nats.errors.Error):
            # No task was queued yet, so there is no consumer.
            await asyncio.sleep(0.2)
    await asyncio.gather(*running)
    await connection.drain()


asyncio.run(main())
