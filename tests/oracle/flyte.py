#!/usr/bin/env python3
"""Counts once more, without govc and from the raw lines, what the Flyte log shows of the rules.

Usage: flyte.py [EVENTS.jsonl] > flyte.expected.json

Without an argument it counts the real history and a made-up one.

"gaps": from the day after a month has passed since a meeting (a clamped calendar month; the day itself
still counts), until the next meeting; null where the records end first. "empty_months": the first day
after each whole calendar month without a meeting. Both of recurring meetings and of SIGs. "chairs":
spells in which a SIG has not exactly one chair. "leads": a working group has no lead for 6 weeks;
"silent": a working group is not reported on for 3 months; both from the day after, until it is retired
or has a lead, or is reported on, again. "retire_soon" and "retire_now": a SIG has not met at all for 3 and
6 months, from the day after, until it meets or is retired; who met may have been too few, so that it met
does not prove a quorum, and proves nothing against it. "groundless": SIGs retired before they were 3 months
old.
"""

import calendar
import json
import sys
from datetime import datetime, timedelta
from pathlib import Path


def when(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def show(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def months_later(start, months):
    month = start.month - 1 + months
    year, month = start.year + month // 12, month % 12 + 1
    return start.replace(year=year, month=month, day=min(start.day, calendar.monthrange(year, month)[1]))


def day_after(moment):
    return (moment + timedelta(days=1)).replace(hour=0, minute=0, second=0)


def late(marks, due_of, end, ended):
    """Spells from a due date to the next mark. `marks` are moments, the first one the beginning."""
    spells = []
    for at, following in zip(marks, marks[1:] + [None]):
        due = due_of(at)
        until = following or (end if ended else None)
        if due <= (until or end):
            spells.append([show(due), show(until) if until else None])
    return spells


def count_all(path):
    lines = [json.loads(line) for line in open(path, encoding="utf-8")]
    close = when(lines[-1]["at"])
    groups = {}
    for event in lines:
        at, name = when(event["at"]), event.get("group")
        if event["event"] == "group_created" and (name not in groups or groups[name]["to"]):
            groups[name] = {
                "kind": event.get("kind"), "from": at, "initial": event.get("initial", False), "to": None,
                "meetings": [], "reports": [], "chairs": set(), "numbers": [(at, 0)],
            }
        group = groups.get(name)
        if group is None or group["to"]:
            continue
        if event["event"] == "group_retired":
            group["to"] = at
        elif event["event"] == "meeting_held":
            group["meetings"].append(at)
        elif event["event"] == "group_activity" and event["status"] == "reported":
            group["reports"].append(at)
        elif event["event"] in ("chair_added", "chair_removed"):
            chairs, person = group["chairs"], event.get("person")
            if person:
                (chairs.add if event["event"] == "chair_added" else chairs.discard)(person)
            if group["numbers"][-1][0] == at:
                group["numbers"].pop()
            group["numbers"].append((at, len(chairs)))
    found = {
        "gaps": [], "empty_months": [], "chairs": [], "leads": [], "silent": [],
        "retire_soon": [], "retire_now": [], "groundless": [],
    }
    for name, group in sorted(groups.items()):
        end, ended = group["to"] or close, group["to"] is not None
        if group["kind"] in ("meeting", "sig"):
            marks = sorted({group["from"], *group["meetings"]})
            due = lambda at: day_after(months_later(at, 1))
            found["gaps"] += [[name, *s] for s in late(marks, due, end, ended)]
            month = group["from"].replace(day=1, hour=0, minute=0, second=0)
            if month < group["from"]:
                month = months_later(month, 1)  # only whole months
            while months_later(month, 1) <= end:
                following = months_later(month, 1)
                if not any(month <= at < following for at in group["meetings"]):
                    found["empty_months"].append([name, show(following)])
                month = following
        # A SIG has too few or too many chairs; a working group has no lead.
        sides = []
        for at, number in group["numbers"]:
            side = "none" if number == 0 else "one" if number == 1 else "more"
            if not sides or sides[-1][1] != side:
                sides.append((at, side))
        for (at, side), (following, after) in zip(sides, sides[1:] + [(end, None)]):
            last = after is None and not ended
            if group["kind"] == "sig" and side != "one" and (at < following or last):
                found["chairs"].append([name, show(at), None if last else show(following)])
            if group["kind"] == "wg" and side == "none":
                due = day_after(at + timedelta(weeks=6))
                if due <= following:
                    found["leads"].append([name, show(due), None if last else show(following)])
        if group["kind"] == "sig":
            marks = sorted({group["from"], *group["meetings"]})
            for months, name_of in ((3, "retire_soon"), (6, "retire_now")):
                due = lambda at, months=months: day_after(months_later(at, months))
                found[name_of] += [[name, *s] for s in late(marks, due, end, ended)]
            young = not group["initial"] and end < months_later(group["from"], 3)
            if ended and young:
                found["groundless"].append([name, show(end)])
        if group["kind"] == "wg":
            marks = sorted({group["from"], *group["reports"]})
            due = lambda at: day_after(months_later(at, 3))
            found["silent"] += [[name, *s] for s in late(marks, due, end, ended)]
    return found


ROOT = Path(__file__).parents[2]
HISTORIES = {
    "real": ROOT / "examples/flyte/events.jsonl",
    "made-up": ROOT / "tests/oracle/flyte.made-up.jsonl",
}


def main(args):
    counts = count_all(args[0]) if args else {name: count_all(p) for name, p in HISTORIES.items()}
    json.dump(counts, sys.stdout, indent=1)
    print()


main(sys.argv[1:])
