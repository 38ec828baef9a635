#!/usr/bin/env python3
"""Counts the TiKV log once more, from the raw lines, without govc.

Usage: tikv.py [EVENTS.jsonl] > tikv.expected.json

Without an argument it counts the real history, and that of other groups, to which things happened that
never happened in the real one.

spells: when a special interest group had fewer than 2 or more than 3 tech leads, since 2019-11-13,
  judged after each commit.
skips: promotions that skip a rank: SIGs since 2019-11-13, teams since 2021-07-05.
entries: who joined a group that was there already, above its lowest rank, and whether a rank held in any
  group before that line would have qualified ("yes", "no"; in a team there is nothing to qualify for).
votes: for each vote the written threshold, electorate and period; how many of those who could vote just
  before the commit that records the vote said +1; whether "approved" follows (and whether it would if the
  steering committee voted with the teams), whether the period was kept, and whether the hours that the file announces are enough (null: it announces none).
claims: ballots called binding of people who could not vote.
unvoted: appointments in a team since 2021-07-05 with no approved vote on that person for that role, up to
  the end of the commit.
"""

import json
import sys
from collections import defaultdict
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path

SIG_RULES = "2019-11-13T00:00:00Z"
TEAM_RULES = "2021-07-05T00:00:00Z"
RANKS = ["active_contributor", "reviewer", "committer", "maintainer"]
LAZY = "more +1 than -1, at least two binding +1"
CONSENSUS = "no -1, at least two binding +1"
STEERING = "no -1"
TWO_THIRDS = "two thirds of the electorate"


def when(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def rules_of(opened):
    """Threshold, body that votes, days; nothing for a vote of an unknown kind, or never opened."""
    if opened is None:
        return None
    if opened.get("action") == "new_reviewer":
        return LAZY, "maintainers", 3
    if opened.get("action") in ("new_committer", "new_maintainer"):
        return CONSENSUS, "maintainers", 6
    if opened.get("group") == "committee-infra":
        return STEERING, "steering", 3
    if opened.get("group") == "committee-steering":
        return TWO_THIRDS, "steering", 6
    return None


def count_all(path):
    lines = [json.loads(line) for line in open(path, encoding="utf-8")]
    kinds, steering = {}, set()
    members = defaultdict(lambda: defaultdict(set))  # of each group: who holds which posts
    spells, open_spells = [], {}
    skips, entries, votes, claims, unvoted = [], [], [], [], []
    opened, ballots, approved = {}, defaultdict(list), []

    # What begins in a commit has begun before anything else of it, and what ends, ends after it.
    turn = {"group_created": 0, "vote_opened": 0, "vote_closed": 2, "group_dissolved": 2}
    for _, commit in groupby(lines, key=lambda e: e["tx"]):
        commit = sorted(commit, key=lambda e: turn.get(e["event"], 1))
        at = commit[0]["at"]
        before = {group: {p: set(held) for p, held in posts.items()} for group, posts in members.items()}
        steering_before = set(steering)

        def electorate(vote):
            rules = rules_of(opened.get(vote))
            if rules is None:
                return set()
            if rules[1] == "steering":
                return steering_before
            posts = before.get(opened[vote].get("group"), {})
            return {person for person, held in posts.items() if "maintainer" in held}

        appointed = []
        for event in commit:
            name, group, person = event["event"], event.get("group"), event.get("person")
            if not person and name.startswith(("member_", "vote_cast", "committee_")):
                continue  # of whom is not said
            if name == "group_created":
                if group not in kinds:
                    kinds[group] = event.get("kind")
                    members[group] = defaultdict(set)
            elif name == "group_dissolved":
                kinds.pop(group, None)
                members.pop(group, None)
            elif name == "member_added":
                post = event.get("role")
                in_sig = kinds.get(group) == "sig" and at >= SIG_RULES
                in_team = kinds.get(group) == "team" and at >= TEAM_RULES
                if not event.get("founding") and post in RANKS:
                    rank = RANKS.index(post)
                    if in_sig and rank > 0:
                        needed = RANKS[0] if post == "reviewer" else RANKS[1]
                        held = {post for posts in members.values() for post in posts.get(person, ())}
                        fits = any(h in RANKS and RANKS.index(h) >= RANKS.index(needed) for h in held)
                        entries.append([group, person, post, at, "yes" if fits else "no"])
                    if in_team and rank > 1:
                        entries.append([group, person, post, at, None])
                    if in_team:
                        appointed.append((group, person, post))
                members[group][person].add(post)
            elif name == "member_removed":
                members[group][person].discard(event.get("role"))
            elif name in ("member_promoted", "member_demoted"):
                old, new = event.get("from"), event.get("to")
                if name == "member_promoted" and old in RANKS and new in RANKS:
                    ruled = at >= (SIG_RULES if kinds.get(group) == "sig" else TEAM_RULES)
                    if ruled and kinds.get(group) in ("sig", "team") and RANKS.index(new) - RANKS.index(old) > 1:
                        skips.append([group, person, at])
                if name == "member_promoted" and kinds.get(group) == "team" and at >= TEAM_RULES and new in RANKS[1:]:
                    appointed.append((group, person, new))
                members[group][person].discard(old)
                members[group][person].add(new)
            elif name == "committee_member_added" and group == "committee-steering":
                steering.add(person)
            elif name == "committee_member_removed" and group == "committee-steering":
                steering.discard(person)
            elif name == "vote_opened":
                opened[event.get("vote")] = event
            elif name == "vote_cast" and not event.get("late"):
                ballots[event.get("vote")].append(person)
                if event.get("claimed") == "binding" and rules_of(opened.get(event.get("vote"))):
                    if person not in electorate(event.get("vote")):
                        claims.append([event.get("vote"), person, at])
            elif name == "vote_closed":
                vote = event.get("vote")
                case, rules, voters = opened.get(vote), rules_of(opened.get(vote)), electorate(vote)
                if case is None or event.get("outcome") != "approved":
                    continue
                approved.append((case.get("group"), case.get("role"), case.get("subjects", [])))
                if rules is None:
                    votes.append({"vote": vote, "follows": None})
                    continue
                threshold, body, days = rules
                yes = len(set(ballots[vote]) & voters)
                # No ballot against is ever recorded.
                needed = {LAZY: 2, CONSENSUS: 2, STEERING: 1}
                follows = 3 * yes >= 2 * len(voters) > 0 if threshold == TWO_THIRDS else yes >= needed[threshold]
                # The other reading: the steering committee takes part in what teams decide.
                taking_part = len(set(ballots[vote]) & (voters | steering_before))
                with_steering = follows if body == "steering" else taking_part >= needed[threshold]
                hours = case.get("declared_hours")
                votes.append(
                    {
                        "vote": vote,
                        "opened": case["at"],
                        "closed": at,
                        "threshold": threshold,
                        "electorate": sorted(voters),
                        "days": days,
                        "yes": yes,
                        "follows": follows,
                        "follows_with_steering": with_steering,
                        "period": when(case["at"]) + timedelta(days=days) <= when(at),
                        "announced": None if hours is None else hours >= 24 * days,
                    }
                )
        for group, person, post in appointed:
            if not any(g == group and p == post and person in s for g, p, s in approved):
                unvoted.append([group, person, post, at])

        for group in set(kinds) | {group for group, _ in open_spells}:
            leads = sum("tech_lead" in held for held in members.get(group, {}).values())
            is_sig = kinds.get(group) == "sig"
            for rule, broken in (("fewer than 2", leads < 2), ("more than 3", leads > 3)):
                key = (group, rule)
                if is_sig and broken:
                    open_spells.setdefault(key, at)
                elif key in open_spells:
                    since = open_spells.pop(key)
                    if at > SIG_RULES:
                        spells.append([group, rule, max(since, SIG_RULES), at])
    for (group, rule), since in open_spells.items():
        spells.append([group, rule, max(since, SIG_RULES), None])

    for vote, case in opened.items():
        rules = rules_of(case)
        if rules and not any(row["vote"] == vote for row in votes):
            hours = case.get("declared_hours")
            announced = None if hours is None else hours >= 24 * rules[2]
            votes.append({"vote": vote, "opened": case["at"], "follows": None, "announced": announced})

    return {
        "spells": sorted(spells, key=lambda s: (s[2], s[0])),
        "skips": skips,
        "entries": entries,
        "votes": votes,
        "claims": claims,
        "unvoted": unvoted,
    }


ROOT = Path(__file__).parents[2]
HISTORIES = {
    "real": ROOT / "examples/tikv-community/events.jsonl",
    "altered": ROOT / "tests/oracle/tikv.altered.jsonl",
}


def main(args):
    counts = count_all(args[0]) if args else {name: count_all(p) for name, p in HISTORIES.items()}
    json.dump(counts, sys.stdout, indent=1)
    print()


main(sys.argv[1:])
