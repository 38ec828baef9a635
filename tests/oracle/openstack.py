#!/usr/bin/env python3
"""Counts the history of OpenStack's teams once more, from the raw lines, without govc.

Usage: openstack.py [EVENTS.jsonl] > expected.json

Without an argument it counts three histories: the real one; a made-up one of other teams that does what
the real one never did; and one in which lines of the real one are left out, doubled, and moved to others.

For each team: when it opted in and out of distributed leadership, and when the committee reset it; which
changes were one too many for their release cycle, in three counts; whether each was in time by the policy
in force when it landed; which of the required liaisons were not there, at the opt-in and in between; when
it had no PTL, or two; which resets were undone in their cycle, and in which cycles there was none.

States are judged after each commit: contiguous lines of one change and time. A change belongs to the
cycle in which it landed. Under dpl-1 what counts is when the request was received (`proposed`), against
the Friday of week R-5 of the cycle in which that was; later, when it landed (`time_max` where that is
known) against the beginning of the nominations. A team that had been listed without a candidate in that
cycle is excused.
"""

import json
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

ROLES = {
    "release": "release", "tact-sig": "tact-sig", "infra": "tact-sig", "security": "security",
    "tc-member": "tc", "tc-liaison": "tc",
}


def when(text):
    at = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return at if at.tzinfo else at.replace(tzinfo=timezone.utc)


ROOT = Path(__file__).parents[2]
CYCLES = ROOT / "examples/openstack/cycles.json"
HISTORIES = {
    "real": ROOT / "examples/openstack/events.jsonl",
    "made-up": ROOT / "tests/oracle/openstack.made-up.jsonl",
    "altered": ROOT / "tests/oracle/openstack.altered.jsonl",
}


def count_all(events_path, cycles_path=CYCLES):
    lines = [json.loads(line) for line in open(events_path, encoding="utf-8")]
    table = json.load(open(cycles_path, encoding="utf-8"))
    version_from = {v["version"]: v["from"] for v in table["policy_versions"]}
    cycles = [c for c in table["cycles"] if c["start"] and c["release"]]

    def cycle_of(text):
        at = when(text)
        found = [c for c in cycles if when(c["start"]) <= at < when(c["release"])]
        return found[0] if found else None

    def nominations(cycle):
        election = cycle and cycle["election_for_next"]
        return when(election["nominations_start"]) if election else None

    def version(at):
        names = [n for n, since in version_from.items() if since <= at]
        return max(names) if names else None

    model, alive = {}, set()
    ptl, held = {}, {}  # held[team][role]: persons; "release-list" is the release team's own list
    unlisted = {}  # when a team was last listed without a candidate
    last_reset = {}  # a reset that nothing has undone: the cycle's release
    count = {}
    out = {
        "opt-ins": [], "opt-outs": [], "resets": [], "renewals": [],
        "opt-outs without a PTL": [],
        "one too many": [], "one too many without resets": [], "one too many but renewals": [],
        "in time": [], "late": [], "missing at opt-in": [],
        "vacant": [], "no PTL": [], "no reset in a cycle": [],
    }
    open_spells = {}

    def settle(at):
        for team in sorted(set(model) | {t for t, _ in open_spells}):
            here = held.get(team, {})
            led = model.get(team) if team in alive else None
            broken = {}
            for role in ("release", "tact-sig", "security"):
                broken[role] = led == "distributed" and not here.get(role)
            either = here.get("release") or here.get("release-list")
            broken["release in either"] = led == "distributed" and not either
            broken["tc after dpl-3"] = led == "distributed" and not here.get("tc") \
                and at >= version_from["dpl-3"]
            number = len(ptl.get(team, ()))
            broken["ptl"] = led == "ptl" and number != 1 and ("none" if number == 0 else "several")
            for rule, how in broken.items():
                key = (team, rule)
                if key in open_spells and open_spells[key][1] != how:
                    start, _ = open_spells.pop(key)
                    where = out["no PTL"] if rule == "ptl" else out["vacant"]
                    where.append([team, rule, start, at])
                if how and key not in open_spells:
                    open_spells[key] = (at, how)

    def switch(event, own, free, cycle):
        for name, counts in (
            ("one too many", True),
            ("one too many without resets", own and event["time"] >= version_from["dpl-1"]),
            ("one too many but renewals", free and event["time"] >= version_from["dpl-1"]),
        ):
            if not counts or cycle is None:
                continue
            key = (name, event["team"], cycle["cycle"])
            count[key] = count.get(key, 0) + 1
            if count[key] > 1:
                out[name].append([event["team"], event["time"], count[key]])

    def punctual(event, cycle):
        team, at = event["team"], event["time"]
        policy = version(at)
        if policy is None:
            return
        listed = unlisted.get(team)
        if policy == "dpl-1":
            asked = cycle_of(event["proposed"])
            deadline = when(asked["r5_end"]) + timedelta(days=1)
            good = when(event["proposed"]) < deadline
            excused = listed and cycle_of(listed) is asked
        else:
            good = when(event.get("time_max") or at) < nominations(cycle)
            excused = listed and cycle_of(listed) is cycle
        word = "in time" if good else "excused" if excused else "late"
        out["in time" if word != "late" else "late"].append([team, at, policy, word])

    def changed(event, held_now):
        team, at, cycle = event["team"], event["time"], cycle_of(event["time"])
        if event["to"] == "distributed":
            out["opt-ins"].append([team, at])
            for role, there in held_now.items():
                if not there and (role != "tc" or at >= version_from["dpl-3"]):
                    out["missing at opt-in"].append([team, at, role])
            undoes = last_reset.get(team) is not None and last_reset[team] is cycle
            if undoes:
                out["renewals"].append([team, at])
                last_reset[team] = None
            switch(event, True, not undoes, cycle)
            punctual(event, cycle)
        elif event["reason"] == "team":
            out["opt-outs"].append([team, at])
            if len(ptl.get(team, ())) != 1:
                out["opt-outs without a PTL"].append([team, at])
            switch(event, True, True, cycle)
            punctual(event, cycle)
        else:
            out["resets"].append([team, at])
            last_reset[team] = cycle
            switch(event, False, False, cycle)

    index = 0
    turns = [version_from["dpl-3"]]
    while index < len(lines):
        first = lines[index]
        key = (first.get("change"), first["time"])
        group = []
        while index < len(lines) and (lines[index].get("change"), lines[index]["time"]) == key:
            group.append(lines[index])
            index += 1
        at = first["time"]
        for turn in [t for t in turns if t <= at]:
            turns.remove(turn)
            settle(turn)
        later = []
        for event in group:
            team, name = event.get("team"), event["event"]
            posts = held.setdefault(team, {})
            if name == "team_added":
                model[team] = event.get("leadership")
                alive.add(team)
            elif name == "team_removed":
                alive.discard(team)
                ptl[team], held[team] = set(), {}
            elif name == "ptl_changed":
                gone = [event.get("from"), *(event.get("from_co") or [])]
                come = [event.get("to"), *(event.get("to_co") or [])]
                seats = ptl.setdefault(team, set())
                seats -= set(gone)
                seats |= {p for p in come if p}
            elif name in ("liaison_added", "liaison_removed"):
                role, person = ROLES.get(event.get("role")), event.get("person")
                if event.get("registry") == "releases":
                    role = "release-list"
                elif event.get("registry") != "governance":
                    role = None
                if not role or not person:
                    continue  # of an office that no rule asks for, or of nobody
                people = posts.setdefault(role, set())
                (people.add if name == "liaison_added" else people.discard)(person)
            elif name == "ptl_election_without_candidate":
                unlisted[team] = at
            elif name == "leadership_type_changed":
                if event["to"] == "distributed":
                    ptl[team] = set()
                model[team] = event["to"]
                later.append(event)
        for event in later:
            posts = held.get(event["team"], {})
            changed(event, {
                "release": posts.get("release") or posts.get("release-list"),
                "tact-sig": posts.get("tact-sig"),
                "security": posts.get("security"),
                "tc": posts.get("tc"),
            })
        settle(at)
    for (team, rule), (start, _) in open_spells.items():
        where = out["no PTL"] if rule == "ptl" else out["vacant"]
        where.append([team, rule, start, None])
    end = when(lines[-1]["time"])
    # Cycles that a team was distributed throughout, since the rule of the reset.
    spans = []
    for team, at in out["opt-ins"]:
        ends = [t for tm, t in out["opt-outs"] + out["resets"] if tm == team and t > at]
        ends += [e["time"] for e in lines if e["event"] == "team_removed"
                 and e["team"] == team and e["time"] > at]
        spans.append((team, when(at), when(min(ends)) if ends else None))
    for team, start, stop in spans:
        for cycle in cycles:
            a, b = when(cycle["start"]), when(cycle["release"])
            if start <= a and (stop is None or stop >= b) and b <= end \
                    and a >= when(version_from["dpl-3"]):
                out["no reset in a cycle"].append([team, cycle["cycle"], cycle["release"]])
    for rows in out.values():
        rows.sort(key=lambda row: [str(x) for x in row])
    return out


def main(args):
    counts = count_all(args[0]) if args else {name: count_all(p) for name, p in HISTORIES.items()}
    json.dump(counts, sys.stdout, indent=1)
    print()


main(sys.argv[1:])
