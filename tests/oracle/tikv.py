#!/usr/bin/env python3
"""Counts the TiKV log once more, from the raw lines, without govc.

Usage: tikv.py [EVENTS.jsonl] > tikv.expected.json

spells: when a special interest group had fewer than 2 or more than 3 tech leads, since 2019-11-13,
  judged after each commit.
skips: promotions that skip a rank: SIGs since 2019-11-13, teams since 2021-07-05.
entries: who joined a group that was there already, above its lowest rank, and whether a rank held in any
  group before that line would have qualified ("yes", "no"; in a team there is nothing to qualify for).
votes: for each vote the written threshold, electorate and period; how many of those who could vote just
  before the commit that records the vote said +1; whether "approved" follows, whether the period was
  kept, and whether the hours that the file announces are enough (null: it announces none).
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
    """Threshold, body that votes, days; nothing for a vote of an unknown kind."""
    if opened["action"] == "new_reviewer":
        return LAZY, "maintainers", 3
    if opened["action"] in ("new_committer", "new_maintainer"):
        return CONSENSUS, "maintainers", 6
    if opened.get("group") == "committee-infra":
        return STEERING, "steering", 3
    if opened.get("group") == "committee-steering":
        return TWO_THIRDS, "steering", 6
    return None


def main(path):
    lines = [json.loads(line) for line in open(path, encoding="utf-8")]
    kinds, members, steering = {}, defaultdict(dict), set()
    spells, open_spells = [], {}
    skips, entries, votes, claims, unvoted = [], [], [], [], []
    opened, ballots, approved = {}, defaultdict(list), []

    for _, commit in groupby(lines, key=lambda e: e["tx"]):
        commit = list(commit)
        at = commit[0]["at"]
        before = {group: dict(posts) for group, posts in members.items()}
        steering_before = set(steering)

        def electorate(vote):
            rules = rules_of(opened[vote])
            if rules is None:
                return set()
            if rules[1] == "steering":
                return steering_before
            posts = before.get(opened[vote]["group"], {})
            return {person for person, post in posts.items() if post == "maintainer"}

        appointed = []
        for event in commit:
            name, group, person = event["event"], event.get("group"), event.get("person")
            if name == "group_created":
                kinds[group] = event["kind"]
                members[group] = {}
            elif name == "group_dissolved":
                kinds.pop(group)
                members.pop(group)
            elif name == "member_added":
                post = event["role"]
                in_sig = kinds[group] == "sig" and at >= SIG_RULES
                in_team = kinds[group] == "team" and at >= TEAM_RULES
                if not event.get("founding") and post in RANKS:
                    rank = RANKS.index(post)
                    if in_sig and rank > 0:
                        needed = RANKS[0] if post == "reviewer" else RANKS[1]
                        held = [p[person] for p in members.values() if person in p]
                        fits = any(h in RANKS and RANKS.index(h) >= RANKS.index(needed) for h in held)
                        entries.append([group, person, post, at, "yes" if fits else "no"])
                    if in_team and rank > 1:
                        entries.append([group, person, post, at, None])
                    if in_team:
                        appointed.append((group, person, post))
                members[group][person] = post
            elif name == "member_removed":
                members[group].pop(person)
            elif name in ("member_promoted", "member_demoted"):
                old, new = event["from"], event["to"]
                if name == "member_promoted" and old in RANKS and new in RANKS:
                    ruled = at >= (SIG_RULES if kinds[group] == "sig" else TEAM_RULES)
                    if ruled and kinds[group] != "wg" and RANKS.index(new) - RANKS.index(old) > 1:
                        skips.append([group, person, at])
                if name == "member_promoted" and kinds[group] == "team" and at >= TEAM_RULES and new in RANKS:
                    appointed.append((group, person, new))
                members[group][person] = new
            elif name == "committee_member_added" and group == "committee-steering":
                steering.add(person)
            elif name == "committee_member_removed" and group == "committee-steering":
                steering.discard(person)
            elif name == "vote_opened":
                opened[event["vote"]] = event
            elif name == "vote_cast" and not event.get("late"):
                ballots[event["vote"]].append(person)
                if event.get("claimed") == "binding" and rules_of(opened[event["vote"]]):
                    if person not in electorate(event["vote"]):
                        claims.append([event["vote"], person, at])
            elif name == "vote_closed":
                vote = event["vote"]
                case, rules, voters = opened[vote], rules_of(opened[vote]), electorate(vote)
                approved.append((case.get("group"), case.get("role"), case.get("subjects", [])))
                if rules is None:
                    votes.append({"vote": vote, "follows": None})
                    continue
                threshold, body, days = rules
                yes = len(set(ballots[vote]) & voters)
                # No ballot against is ever recorded.
                needed = {LAZY: 2, CONSENSUS: 2, STEERING: 1}
                follows = 3 * yes >= 2 * len(voters) > 0 if threshold == TWO_THIRDS else yes >= needed[threshold]
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
                        "period": when(case["at"]) + timedelta(days=days) <= when(at),
                        "announced": None if hours is None else hours >= 24 * days,
                    }
                )
        for group, person, post in appointed:
            if not any(g == group and p == post and person in s for g, p, s in approved):
                unvoted.append([group, person, post, at])

        for group in set(kinds) | {group for group, _ in open_spells}:
            leads = sum(post == "tech_lead" for post in members.get(group, {}).values())
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

    report = {
        "spells": sorted(spells, key=lambda s: (s[2], s[0])),
        "skips": skips,
        "entries": entries,
        "votes": votes,
        "claims": claims,
        "unvoted": unvoted,
    }
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    default = Path(__file__).parents[2] / "examples/tikv-community/events.jsonl"
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else default)
