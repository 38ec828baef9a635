//! The ballots of a case: the last of each voter, and what they come to.

use foldhash::{HashMap, HashMapExt};

use super::finding::Positions;
use super::tally::Count;
use super::value::Sym;

/// A ballot.
#[derive(Debug, Clone)]
pub(crate) struct Vote {
    pub voter: Sym,
    pub choice: Choice,
    pub events: Positions,
    /// Whether it counts; of an electorate that is not fixed yet that is asked when votes are counted.
    pub counts: bool,
}

/// What a ballot says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Choice {
    Yes,
    Against,
    Abstain,
    Recused,
    Option(u32),
}

/// The ballots of a case, in the order in which their voters first voted.
#[derive(Debug, Clone)]
pub(crate) struct Ballots {
    list: Vec<Vote>,
    /// Where the ballot of a voter is.
    places: HashMap<Sym, usize>,
    /// Those that count, counted along.
    count: Count,
}

impl Ballots {
    /// No ballots, of a vote with so many options.
    pub fn none(options: usize) -> Ballots {
        Ballots {
            list: Vec::new(),
            places: HashMap::new(),
            count: Count::none(options),
        }
    }

    /// A ballot is cast. The later ballot of a voter replaces the former.
    pub fn cast(&mut self, vote: Vote) {
        if vote.counts {
            self.count.add(vote.choice);
        }
        let former = self.places.get(&vote.voter).copied();
        match former.and_then(|at| self.list.get_mut(at)) {
            Some(former) => {
                if former.counts {
                    self.count.take(former.choice);
                }
                *former = vote;
            }
            None => {
                self.places.insert(vote.voter, self.list.len());
                self.list.push(vote);
            }
        }
    }

    /// All of them.
    pub fn all(&self) -> &[Vote] {
        &self.list
    }

    /// The ballot of a voter.
    pub fn of(&self, voter: Sym) -> Option<&Vote> {
        self.list.get(*self.places.get(&voter)?)
    }

    /// Those that count, counted.
    pub fn count(&self) -> &Count {
        &self.count
    }
}

impl Count {
    /// No ballots, of a vote with so many options.
    pub fn none(options: usize) -> Count {
        Count {
            options: vec![0; options],
            ..Count::default()
        }
    }

    /// Counts a ballot.
    pub fn add(&mut self, choice: Choice) {
        if let Some(n) = self.of_choice(choice) {
            *n = n.saturating_add(1);
        }
    }

    /// Counts a ballot no more.
    fn take(&mut self, choice: Choice) {
        if let Some(n) = self.of_choice(choice) {
            *n = n.saturating_sub(1);
        }
    }

    fn of_choice(&mut self, choice: Choice) -> Option<&mut u64> {
        match choice {
            Choice::Yes => Some(&mut self.yes),
            Choice::Against => Some(&mut self.against),
            Choice::Abstain => Some(&mut self.abstain),
            Choice::Recused => Some(&mut self.recused),
            Choice::Option(option) => self.options.get_mut(option as usize),
        }
    }
}
