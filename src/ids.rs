//! The numbers of things. After resolution nothing compares names.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
            #[serde(transparent)]
            pub struct $name(pub u32);

            impl $name {
                /// The number as an index.
                #[inline]
                pub fn index(self) -> usize {
                    self.0 as usize
                }

                /// The id of this index.
                pub fn new(index: usize) -> Self {
                    Self(u32::try_from(index).unwrap_or(u32::MAX))
                }
            }

            impl fmt::Display for $name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    write!(f, "{}", self.0)
                }
            }
        )*
    };
}

ids! {
    /// A clause: what findings name.
    ClauseId;
    /// A kind of group; [`KindId::DOCUMENT`] is the document itself.
    KindId;
    /// A role.
    RoleId;
    /// A ladder of roles.
    LadderId;
    /// An event.
    EventId;
    /// A decision.
    DecisionId;
    /// A log: the occurrences that a condition asks for.
    LogId;
    /// A clock: since when a condition has held.
    ClockId;
    /// A calendar.
    CalendarId;
    /// A state, counted within its kind.
    StateId;
    /// A field, counted within its kind, its event, or among the attributes of persons.
    FieldId;
}

impl KindId {
    /// The document: a kind of which there is one instance, without a name.
    pub const DOCUMENT: KindId = KindId(0);
}
