//! Counting ballots: whether a quota is reached, exactly, and whether it still can be.

use super::moment::Truth;
use crate::ir::{Cond, Denominator, Expr, Quota, Tally, VoteCond};

/// A condition on a tally with its numbers fixed, as they were when the case opened.
#[derive(Debug, Clone)]
pub(crate) enum Rule {
    All(Vec<Rule>),
    Any(Vec<Rule>),
    Tally(Tally, Need),
    World(Cond),
}

/// How many are needed.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Need {
    AtLeast(u64),
    MoreThan(u64),
    AtMost(u64),
    Fraction {
        num: u32,
        den: u32,
        strict: bool,
        of: Denominator,
    },
    AllBut(u32, Denominator),
    /// The number was not known.
    Unknown,
}

/// Fixes the numbers of a condition.
pub(crate) fn fix(cond: &VoteCond, number: &dyn Fn(&Expr) -> Option<i64>) -> Rule {
    match cond {
        VoteCond::All(list) => Rule::All(list.iter().map(|c| fix(c, number)).collect()),
        VoteCond::Any(list) => Rule::Any(list.iter().map(|c| fix(c, number)).collect()),
        VoteCond::World(cond) => Rule::World(cond.clone()),
        VoteCond::Tally { what, quota } => {
            let count = |expr: &Expr, need: fn(u64) -> Need| match number(expr) {
                Some(n) => need(u64::try_from(n).unwrap_or(0)),
                None => Need::Unknown,
            };
            let need = match quota {
                Quota::AtLeast(expr) => count(expr, Need::AtLeast),
                Quota::MoreThan(expr) => count(expr, Need::MoreThan),
                Quota::AtMost(expr) => count(expr, Need::AtMost),
                Quota::Fraction {
                    num,
                    den,
                    strict,
                    of,
                } => Need::Fraction {
                    num: *num,
                    den: *den,
                    strict: *strict,
                    of: *of,
                },
                Quota::AllBut(n, of) => Need::AllBut(*n, *of),
            };
            Rule::Tally(*what, need)
        }
    }
}

impl Rule {
    /// What is needed, in words; what is asked of the world besides is left out.
    pub fn words(&self) -> Option<String> {
        let join = |list: &[Rule], word: &str| {
            let words: Vec<String> = list.iter().filter_map(Rule::words).collect();
            (!words.is_empty()).then(|| words.join(word))
        };
        match self {
            Rule::All(list) => join(list, " and "),
            Rule::Any(list) => join(list, " or "),
            Rule::World(_) => None,
            Rule::Tally(what, need) => Some(need.words(*what)),
        }
    }
}

impl Need {
    fn words(self, what: Tally) -> String {
        let what = match what {
            Tally::Yes => "yes",
            Tally::Against => "against",
            Tally::Abstain => "abstained",
            Tally::Cast => "cast",
            Tally::Present => "present",
        };
        let whole = |of: Denominator| match of {
            Denominator::Electorate => "of the electorate",
            Denominator::Cast => "of those cast",
            Denominator::Present => "of those present",
            Denominator::Seats(_) => "of the seats",
        };
        match self {
            Need::AtLeast(n) => format!("at least {n} {what}"),
            Need::MoreThan(n) => format!("more than {n} {what}"),
            Need::AtMost(0) => format!("none {what}"),
            Need::AtMost(n) => format!("at most {n} {what}"),
            Need::Fraction { num, den, of, .. } if num == den => {
                format!("all {} {what}", whole(of))
            }
            Need::Fraction {
                num,
                den,
                strict,
                of,
            } => {
                let than = if strict { "more than" } else { "at least" };
                format!("{than} {num}/{den} {} {what}", whole(of))
            }
            Need::AllBut(0, of) => format!("all {} {what}", whole(of)),
            Need::AllBut(n, of) => format!("all but {n} {} {what}", whole(of)),
            Need::Unknown => format!("a number {what} that is not known"),
        }
    }
}

/// Calls `f` for every condition on the world in a condition on a tally.
pub(crate) fn worlds<'a>(cond: &'a VoteCond, f: &mut dyn FnMut(&'a Cond)) {
    match cond {
        VoteCond::All(list) | VoteCond::Any(list) => list.iter().for_each(|c| worlds(c, f)),
        VoteCond::World(cond) => f(cond),
        VoteCond::Tally { .. } => {}
    }
}

/// The ballots of a case, counted.
#[derive(Debug, Clone, Default)]
pub(crate) struct Count {
    pub yes: u64,
    pub against: u64,
    pub abstain: u64,
    /// By option, where there are any.
    pub options: Vec<u64>,
    /// How many may vote, those who recused themselves left out; `None`: unsaid.
    pub electorate: Option<u64>,
    /// How many recused themselves: they leave every whole, the seats too.
    pub recused: u64,
}

impl Count {
    /// How many ballots say something.
    pub fn of(&self, what: Tally, option: Option<usize>) -> u64 {
        let chosen: u64 = self.options.iter().sum();
        let cast = self.yes.saturating_add(chosen).saturating_add(self.against);
        match what {
            Tally::Yes => match option {
                Some(option) => self.options.get(option).copied().unwrap_or(0),
                None => self.yes,
            },
            Tally::Against => self.against,
            Tally::Abstain => self.abstain,
            Tally::Cast => cast,
            Tally::Present => cast.saturating_add(self.abstain),
        }
    }

    fn whole(&self, of: Denominator) -> Option<u64> {
        match of {
            Denominator::Electorate => self.electorate,
            Denominator::Cast => Some(self.of(Tally::Cast, None)),
            Denominator::Present => Some(self.of(Tally::Present, None)),
            Denominator::Seats(n) => Some(u64::from(n).saturating_sub(self.recused)),
        }
    }

    /// Whether a rule is satisfied, for an option where there are any.
    pub fn satisfies(
        &self,
        rule: &Rule,
        option: Option<usize>,
        world: &dyn Fn(&Cond) -> Truth,
    ) -> Truth {
        match rule {
            Rule::All(list) => {
                let each = list.iter().map(|r| self.satisfies(r, option, world));
                each.min().unwrap_or(Truth::Yes)
            }
            Rule::Any(list) => {
                let each = list.iter().map(|r| self.satisfies(r, option, world));
                each.max().unwrap_or(Truth::No)
            }
            Rule::World(cond) => world(cond),
            Rule::Tally(what, need) => self.reaches(self.of(*what, option), *need),
        }
    }

    fn reaches(&self, n: u64, need: Need) -> Truth {
        match need {
            Need::AtLeast(min) => Truth::of(n >= min),
            Need::MoreThan(min) => Truth::of(n > min),
            Need::AtMost(max) => Truth::of(n <= max),
            Need::Unknown => Truth::Unknown,
            Need::Fraction {
                num,
                den,
                strict,
                of,
            } => match self.whole(of) {
                None => Truth::Unknown,
                // A share of nothing is not reached, whatever the share.
                Some(0) => Truth::No,
                Some(whole) => {
                    let left = u128::from(n) * u128::from(den);
                    let right = u128::from(whole) * u128::from(num);
                    Truth::of(if strict { left > right } else { left >= right })
                }
            },
            Need::AllBut(but, of) => match self.whole(of) {
                None => Truth::Unknown,
                Some(0) => Truth::No,
                Some(whole) => Truth::of(n.saturating_add(u64::from(but)) >= whole),
            },
        }
    }

    /// Whether a rule is satisfied whatever the remaining voters do: yes or no for certain, else
    /// unknown. Each tally is linear in what they do, so that it is settled where its extremes agree.
    pub fn settled(
        &self,
        remaining: u64,
        rule: &Rule,
        option: Option<usize>,
        world: &dyn Fn(&Cond) -> Truth,
    ) -> Truth {
        match rule {
            Rule::All(list) => {
                let each = list
                    .iter()
                    .map(|r| self.settled(remaining, r, option, world));
                each.min().unwrap_or(Truth::Yes)
            }
            Rule::Any(list) => {
                let each = list
                    .iter()
                    .map(|r| self.settled(remaining, r, option, world));
                each.max().unwrap_or(Truth::No)
            }
            Rule::World(_) | Rule::Tally(..) => {
                // A share of nothing is not reached: that is a jump beside the linear rule, so what
                // a single ballot more makes of each extreme is tried as well.
                let kinds = self.options.len().max(1) + 2;
                let cast = |count: &mut Count, kind: usize, n: u64| {
                    let slot = match kind {
                        0 => &mut count.against,
                        1 => &mut count.abstain,
                        kind => match count.options.get_mut(kind - 2) {
                            Some(option) => option,
                            None => &mut count.yes,
                        },
                    };
                    *slot = slot.saturating_add(n);
                };
                let mut extremes = vec![self.clone()];
                for kind in (0..kinds).filter(|_| remaining > 0) {
                    let mut one = self.clone();
                    cast(&mut one, kind, 1);
                    extremes.push(one);
                    for other in 0..kinds {
                        let mut count = self.clone();
                        cast(&mut count, kind, remaining - 1);
                        cast(&mut count, other, 1);
                        extremes.push(count);
                    }
                }
                let all: Vec<Truth> = extremes
                    .iter()
                    .map(|c| c.satisfies(rule, option, world))
                    .collect();
                match all.first() {
                    Some(first) if all.iter().all(|t| t == first) => *first,
                    _ => Truth::Unknown,
                }
            }
        }
    }

    /// The same, by trying out all that few remaining voters without options can do: finds the
    /// settled combinations that the extremes of each tally alone do not show.
    pub fn every_way(
        &self,
        remaining: u64,
        outcome: &dyn Fn(&Count) -> Option<u32>,
    ) -> Option<u32> {
        let first = outcome(self)?;
        for yes in 0..=remaining {
            for against in 0..=remaining - yes {
                for abstain in 0..=remaining - yes - against {
                    let mut count = self.clone();
                    count.yes = count.yes.saturating_add(yes);
                    count.against = count.against.saturating_add(against);
                    count.abstain = count.abstain.saturating_add(abstain);
                    if outcome(&count) != Some(first) {
                        return None;
                    }
                }
            }
        }
        Some(first)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn whole() -> impl Strategy<Value = Denominator> {
        prop_oneof![
            Just(Denominator::Electorate),
            Just(Denominator::Cast),
            Just(Denominator::Present),
            (0u32..9).prop_map(Denominator::Seats),
        ]
    }

    fn rule() -> impl Strategy<Value = Rule> {
        let what = prop_oneof![
            Just(Tally::Yes),
            Just(Tally::Against),
            Just(Tally::Abstain),
            Just(Tally::Cast),
            Just(Tally::Present),
        ];
        let need = prop_oneof![
            (0u64..9).prop_map(Need::AtLeast),
            (0u64..9).prop_map(Need::MoreThan),
            (0u64..9).prop_map(Need::AtMost),
            (0u32..4, whole()).prop_map(|(n, of)| Need::AllBut(n, of)),
            (0u32..4, 1u32..4, any::<bool>(), whole()).prop_map(|(num, den, strict, of)| {
                Need::Fraction {
                    num,
                    den,
                    strict,
                    of,
                }
            }),
        ];
        let leaf = (what, need).prop_map(|(what, need)| Rule::Tally(what, need));
        leaf.prop_recursive(2, 6, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 1..3).prop_map(Rule::All),
                prop::collection::vec(inner, 1..3).prop_map(Rule::Any),
            ]
        })
    }

    /// All that the remaining voters can do.
    fn completions(count: &Count, remaining: u64) -> Vec<Count> {
        let mut all = Vec::new();
        for yes in 0..=remaining {
            for against in 0..=remaining - yes {
                for abstain in 0..=remaining - yes - against {
                    let mut count = count.clone();
                    count.yes += yes;
                    count.against += against;
                    count.abstain += abstain;
                    all.push(count);
                }
            }
        }
        all
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

        /// What is called settled is so however the others vote, for every single tally in both ways.
        #[test]
        fn what_is_settled_no_ballot_changes(
            rule in rule(),
            (yes, against, abstain, remaining) in (0u64..4, 0u64..4, 0u64..4, 0u64..5),
        ) {
            let count = Count {
                yes,
                against,
                abstain,
                options: Vec::new(),
                electorate: Some(yes + against + abstain + remaining),
                recused: 0,
            };
            let world = |_: &Cond| Truth::Unknown;
            let settled = count.settled(remaining, &rule, None, &world);
            let all = completions(&count, remaining);
            let ends: Vec<Truth> = all.iter().map(|c| c.satisfies(&rule, None, &world)).collect();
            if settled != Truth::Unknown {
                prop_assert!(ends.iter().all(|end| *end == settled));
            } else if matches!(rule, Rule::Tally(..)) {
                prop_assert!(ends.iter().any(|end| *end != ends[0]));
            }
            let outcome = |c: &Count| match c.satisfies(&rule, None, &world) {
                Truth::Yes => Some(1),
                Truth::No => Some(0),
                Truth::Unknown => None,
            };
            let way = count.every_way(remaining, &outcome);
            prop_assert_eq!(way.is_some(), ends.iter().all(|end| *end == ends[0]));
        }
    }

    #[test]
    fn a_share_of_nothing_is_never_reached() {
        let nobody = Count {
            electorate: Some(0),
            ..Count::default()
        };
        let world = |_: &Cond| Truth::Unknown;
        for of in [
            Denominator::Electorate,
            Denominator::Cast,
            Denominator::Present,
        ] {
            let half = Need::Fraction {
                num: 0,
                den: 2,
                strict: false,
                of,
            };
            for need in [half, Need::AllBut(0, of)] {
                let rule = Rule::Tally(Tally::Yes, need);
                assert_eq!(nobody.satisfies(&rule, None, &world), Truth::No);
            }
        }
    }
}
