#!/usr/bin/env python3
"""Counts once more, without govc and from the raw lines, what the Kubernetes log shows of the rules.

Usage: kubernetes.py [EVENTS.jsonl] > kubernetes.expected.json

Without an argument it counts the real history, and that of other groups, to which things happened that
never happened in the real one.

States are judged after each change (`tx_last`), and when a rule comes into force, is given up, or a
date passes. A company is compared without regard to case; an Independent has none in common with
anybody; of whom no company is written down none is known, and where that decides nothing is counted:
the group is listed under "undecided". A person has one company at a time, the one written down last.
An interval of 0 days or none is not known. A report late for its year is late until it is there or
the group is archived, and "never" there if it is not; "reports" has what became of each that was owed.
Whoever has ended is judged by nothing.
"""

import json
import sys
from datetime import datetime, timedelta
from pathlib import Path

FOREVER = "9999"


def day(text):
    return text + "T00:00:00Z"


CHAIRS = day("2018-07-09")
ONE_CHAIR = day("2018-10-01")
TWO = day("2023-03-18")
MEETINGS = day("2019-03-01")
WORKING_GROUPS = day("2018-10-15")
LIAISONS = "2021-01-27T10:03:40Z"

# rule: kinds, from, until
RULES = {
    "one-chair": ("sig", ONE_CHAIR, FOREVER),
    "ideally-two": ("sig", ONE_CHAIR, FOREVER),
    "two-or-three-chairs": ("sig", CHAIRS, TWO),
    "two-chairs": ("sig", TWO, FOREVER),
    "two-or-three-tech-leads": ("sig", CHAIRS, TWO),
    "two-tech-leads": ("sig", TWO, FOREVER),
    "charter": ("sig", CHAIRS, FOREVER),
    "meets-every-3-weeks": ("sig", MEETINGS, FOREVER),
    "companies": ("sig wg ug committee", "", FOREVER),
    "stakeholders": ("wg", WORKING_GROUPS, FOREVER),
    "owns-no-code": ("wg", WORKING_GROUPS, FOREVER),
    "liaison": ("sig wg ug committee", LIAISONS, FOREVER),
}

# What a line needs to say anything.
NEEDS = {
    "chair_added": "person", "chair_removed": "person",
    "tech_lead_added": "person", "tech_lead_removed": "person", "stakeholder_added": "sig",
    "subproject_added": "subproject", "subproject_removed": "subproject",
    "meeting_added": "meeting", "meeting_changed": "meeting", "meeting_removed": "meeting",
}


class Group:
    def __init__(self, kind):
        self.kind = kind
        self.chairs, self.leads = set(), set()
        self.charter = False
        self.liaison = None
        self.stakeholders, self.code = set(), set()
        self.meetings = {}
        self.chairless = None  # since when


def when(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def show(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def found(rule, group, companies, at):
    """How a rule is broken: a word, "unknown" where nobody knows, or None."""

    def between(n, low, high):
        return "below" if n < low else "above" if high is not None and n > high else None

    chairs, leads = len(group.chairs), len(group.leads)
    if rule == "one-chair":
        return between(chairs, 1, None)
    if rule in ("ideally-two", "two-chairs"):
        return between(chairs, 2, None)
    if rule == "two-or-three-chairs":
        return between(chairs, 2, 3)
    if rule == "two-tech-leads":
        return between(leads, 2, None)
    if rule == "two-or-three-tech-leads":
        return between(leads, 2, 3) if leads else None
    if rule == "charter":
        return None if group.charter else "broken"
    if rule == "stakeholders":
        return None if group.stakeholders else "below"
    if rule == "owns-no-code":
        return "above" if group.code else None
    if rule == "liaison":
        return None if group.liaison else "below"
    if rule == "meets-every-3-weeks":
        if at[5:7] in ("11", "12"):
            return None
        intervals = group.meetings.values()
        if any(i and i <= 21 for i in intervals):
            return None
        return "unknown" if any(not i for i in intervals) else "below"
    if rule == "companies":
        known, apart, unknown = set(), 0, 0
        # Working groups and committees have no technical leads.
        leaders = group.chairs | (group.leads if group.kind in ("sig", "ug") else set())
        for person in leaders:
            company = companies.get(person)
            if not company:
                unknown += 1
            elif company == "Independent":
                apart += 1
            else:
                known.add(company.lower())
        if len(known) + apart >= 2:
            return None
        return "unknown" if len(known) + apart + unknown >= 2 else "below"
    raise ValueError(rule)


def count_all(path):
    lines = [json.loads(line) for line in open(path, encoding="utf-8")]
    # What a commit says of groups that it begins or ends holds after the one and before the other.
    turn = {"group_created": 0, "group_archived": 2}
    lines.sort(key=lambda e: (e["at"], e["tx"], turn.get(e["event"], 1)))
    lasts = {id(e) for e, after in zip(lines, lines[1:] + [None]) if not after or after["tx"] != e["tx"]}
    start, end = lines[0]["at"], lines[-1]["at"]
    groups, companies = {}, {}
    spells, undecided, open_spells = [], set(), {}
    owed, done = {}, {}
    reports = []  # year, group, in time or late or never, when it came

    def close(key, at):
        name, rule = key
        kind, since = open_spells.pop(key)
        if since != at:
            spells.append([name, rule, kind, since, at])

    def settle(at):
        for name in sorted(set(groups) | {n for n, _ in open_spells}):
            group = groups.get(name)
            for rule, (kinds, since, until) in RULES.items():
                key = (name, rule)
                stands = group is not None and group.kind in kinds.split() and since <= at < until
                how = found(rule, group, companies, at) if stands else None
                if how == "unknown":
                    undecided.add(key)
                    how = None
                if key in open_spells and open_spells[key][0] != how:
                    close(key, at)
                if how and key not in open_spells:
                    open_spells[key] = (how, at)

    def manned(name, group, at, lasting=False):
        """A working group ends, or has a chair again: was it four weeks without, and went on?"""
        if group.kind != "wg" or group.chairless is None:
            return
        since = max(when(group.chairless) + timedelta(weeks=4), when(WORKING_GROUPS))
        due = show((since + timedelta(days=1)).replace(hour=0, minute=0, second=0))
        if due <= at:
            spells.append([name, "no-chair", "overdue", due, None if lasting else at])
        group.chairless = None

    def left(name, group, at, lasting=False):
        """What a group owes when it ends, or the record does."""
        for key in [k for k in owed if k[0] == name]:
            overdue = owed.pop(key)
            if overdue <= at:
                reports.append([key[1], name, "never", None])
                spells.append([name, f"report {key[1]}", "overdue", overdue, None if lasting else at])

    # Moments at which something changes that no line tells of.
    dates = {moment for _, moment, _ in RULES.values()} | {TWO}
    dates |= {day(f"{year}-{month}") for year in range(2019, 2032) for month in ("11-01", "01-01")}
    dates = sorted(d for d in dates if start < d <= end)

    def turn(at):
        """A date passes before anything that happens on it."""
        if at[5:] == "01-01T00:00:00Z" and "2021" <= at[:4]:
            year = int(at[:4]) - 1
            due = "2021-04-09" if year == 2020 else f"{year + 1}-03-02"
            for name, group in groups.items():
                if group.kind in ("sig", "wg"):
                    if (name, year) in done:
                        reports.append([year, name, "in time", done[name, year]])
                    else:
                        owed[name, year] = day(due)

    for event in lines:
        at, what, name, person = event["at"], event["event"], event.get("group"), event.get("person")
        while dates and dates[0] <= at:
            # What happens at the very moment is told before it is judged, but not before a day ends.
            turn(dates[0])
            if dates[0] < at:
                settle(dates[0])
            dates.pop(0)
        group = groups.get(name)
        if what in ("chair_added", "tech_lead_added", "lead_company_changed"):
            companies[person] = event.get("company")
        if what == "group_created":
            if group is None and event.get("kind") in ("sig", "wg", "ug", "committee"):
                groups[name] = Group(event["kind"])
        elif group is None:
            pass  # nobody wrote down how it began
        elif what in NEEDS and not event.get(NEEDS[what]):
            pass  # of whom or of what is not said
        elif what == "group_archived":
            manned(name, group, at)
            left(name, group, at)
            del groups[name]
            done = {k: came for k, came in done.items() if k[0] != name}
        elif what == "chair_added":
            group.chairs.add(person)
        elif what == "chair_removed":
            group.chairs.discard(person)
        elif what == "tech_lead_added":
            group.leads.add(person)
        elif what == "tech_lead_removed":
            group.leads.discard(person)
        elif what == "charter_added":
            group.charter = True
        elif what == "liaison_assigned":
            group.liaison = person
        elif what == "stakeholder_added":
            group.stakeholders.add(event.get("sig"))
        elif what == "subproject_added":
            group.code.add(event.get("subproject"))
        elif what == "subproject_removed":
            group.code.discard(event.get("subproject"))
        elif what in ("meeting_added", "meeting_changed"):
            group.meetings[event.get("meeting")] = event.get("every_days")
        elif what == "meeting_removed":
            group.meetings.pop(event.get("meeting"), None)
        elif what == "annual_report":
            year = event.get("year")
            done.setdefault((name, year), at)
            overdue = owed.pop((name, year), None)
            if overdue is not None:
                reports.append([year, name, "late" if overdue <= at else "in time", at])
            if overdue is not None and overdue <= at:
                spells.append([name, f"report {year}", "overdue", overdue, at])
        if id(event) in lasts:
            for name, group in groups.items():
                if group.chairs:
                    manned(name, group, at)
                elif group.chairless is None:
                    group.chairless = at
            settle(at)
    for name, group in groups.items():
        manned(name, group, end, lasting=True)
        left(name, group, end, lasting=True)
    for (name, rule), (how, since) in open_spells.items():
        spells.append([name, rule, how, since, None])
    spells.sort(key=lambda s: (s[3], s[0], s[1]))
    reports.sort()
    return {"spells": spells, "undecided": sorted(undecided), "reports": reports}


ROOT = Path(__file__).parents[2]
HISTORIES = {
    "real": ROOT / "examples/kubernetes/events.jsonl",
    "altered": ROOT / "tests/oracle/kubernetes.altered.jsonl",
}


def main(args):
    counts = count_all(args[0]) if args else {name: count_all(p) for name, p in HISTORIES.items()}
    json.dump(counts, sys.stdout, indent=1)
    print()


main(sys.argv[1:])
