#!/usr/bin/env python3
"""Counts the spells of the Istio log once more, from the raw lines, without govc.

Usage: istio.py [EVENTS.jsonl] > istio.expected.json

For each working group: when it had fewer than 2 leads, more than 3 leads, and leads of fewer than 2
organisations, since the rule was in force; and for each lead written down since the eligibility rule,
whether a year of membership and three months as maintainer were met ("yes", "no", "unknown").
States are judged after each commit (tx_last); an organisation is compared without regard to case, and
"N/A" is none; a person has one organisation at a time, the one written down last.
"""

import calendar
import json
import sys
from datetime import datetime
from pathlib import Path

LEADS_RULE = "2017-12-01T23:35:47Z"
ELIGIBILITY = "2020-05-12T22:26:55Z"


def when(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def months_later(start, months):
    month = start.month - 1 + months
    year, month = start.year + month // 12, month % 12 + 1
    day = min(start.day, calendar.monthrange(year, month)[1])
    return start.replace(year=year, month=month, day=day)


def main(path):
    lines = [json.loads(line) for line in open(path, encoding="utf-8")]
    leads, orgs, held = {}, {}, {"org_member": {}, "maintainer": {}}
    spells, open_spells, verdicts = [], {}, []
    first_seen = {}  # when the records of a name begin, and whether they begin with a snapshot
    for event in lines:
        first_seen.setdefault(event["event"], (event["at"], event.get("initial", False)))

    def met(what, person, at, months):
        since = held[what].get(person)
        begins, snapshot = first_seen.get(what + "_added", (None, False))
        if since is None:
            unseen = begins is None or (snapshot and at < begins)
            return "unknown" if unseen else "no"
        start, known = since
        if months_later(when(start), months) <= when(at):
            return "yes"
        return "no" if known else "unknown"

    def settle(at):
        if at < LEADS_RULE:
            return
        for group in sorted(set(leads) | {g for g, _ in open_spells}):
            here = leads.get(group)
            named = {orgs[p].lower() for p in here or () if orgs.get(p)}
            broken = {
                "fewer than 2 leads": here is not None and len(here) < 2,
                "more than 3 leads": here is not None and len(here) > 3,
                "fewer than 2 organisations": here is not None and len(named) < 2,
            }
            for rule, now in broken.items():
                key = (group, rule)
                if now and key not in open_spells:
                    open_spells[key] = at
                elif not now and key in open_spells:
                    spells.append([group, rule, open_spells.pop(key), at])

    pending, last = [], None
    ruled = False
    for event in lines:
        at, name, person = event["at"], event["event"], event.get("person")
        if not ruled and at >= LEADS_RULE:
            settle(LEADS_RULE)
            ruled = True
        company = event.get("company")
        if company is not None and name != "lead_removed" and name != "toc_member_removed":
            orgs[person] = "" if company == "N/A" else company
        if name == "wg_added":
            leads[event["group"]] = []
        elif name == "wg_removed":
            leads.pop(event["group"], None)
        elif name == "lead_added":
            if person not in leads[event["group"]]:
                leads[event["group"]].append(person)
            if at >= ELIGIBILITY and not event.get("initial"):
                pending.append((event["group"], person))
        elif name == "lead_removed":
            if person in leads.get(event["group"], []):
                leads[event["group"]].remove(person)
        elif name.endswith("_added") and name[:-6] in held:
            held[name[:-6]].setdefault(person, (at, not event.get("initial", False)))
        elif name.endswith("_removed") and name[:-8] in held:
            held[name[:-8]].pop(person, None)
        if event["tx_last"]:
            for group, who in pending:
                verdicts.append([group, who, at, met("org_member", who, at, 12), met("maintainer", who, at, 3)])
            pending = []
            settle(at)
        last = at
    for (group, rule), start in open_spells.items():
        spells.append([group, rule, start, None])
    spells.sort(key=lambda s: (s[2], s[0], s[1]))
    json.dump({"spells": spells, "leads": verdicts}, sys.stdout, indent=1)
    print()


HISTORY = Path(__file__).parents[2] / "examples/istio/events.jsonl"
main(sys.argv[1] if len(sys.argv) > 1 else HISTORY)
