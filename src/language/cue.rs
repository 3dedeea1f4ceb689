//! What can a listed word mean?

/// The meaning of a phrase in a language data file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cue {
    /// Carries no need of its own.
    Stop,
    /// Names the kind of thing asked for.
    Generic,
    /// Asks.
    Ask(Ask),
    /// Joins two things.
    Join(Join),
    /// Negates what is near.
    Not,
    /// Rules out what follows as a need.
    Without,
    /// So common in speech that it tells little.
    Common,
    /// A superlative upwards.
    Most,
    /// A superlative downwards.
    Least,
    /// The number beside is an upper bound.
    Below,
    /// The number beside is a lower bound.
    Above,
    /// Heads a column.
    Role(Role),
    /// Stands in a cell.
    Sign(Sign),
    /// Stands over or before what it is said of.
    Lead(Lead),
    /// Makes a sentence a rule.
    Rule(Rule),
    /// A step on a scale.
    Level(Level),
}

macro_rules! cues {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $key:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$variant_doc])* $variant),* }
        impl $name {
            fn named(key: &str) -> Option<Self> {
                match key { $($key => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

cues! {
    /// What a question asks for.
    Ask {
        /// One of several options.
        Which = "which",
        /// How two options differ.
        Compare = "compare",
        /// The conditions of a named option.
        When = "when",
        /// What a thing is or how it works.
        Describe = "describe",
        /// A figure.
        Amount = "amount",
        /// All options that fit.
        Several = "several",
        /// The wrong option.
        Avoid = "avoid",
        /// The reason against an option.
        WhyNot = "why_not",
    }
}

cues! {
    /// How two parts of a text are joined.
    Join {
        /// Both hold.
        And = "and",
        /// One of them holds.
        Or = "or",
        /// They are compared.
        Versus = "versus",
        /// What follows is ruled out.
        Instead = "instead",
        /// One after the other.
        Then = "then",
    }
}

cues! {
    /// What a column holds.
    Role {
        /// The need, scenario or condition.
        Need = "need",
        /// The right option.
        Choice = "choice",
        /// The wrong option.
        Wrong = "wrong",
        /// The second-best option.
        Alternative = "alternative",
        /// Names of options.
        Option = "option",
        /// Reasons.
        Why = "why",
        /// Names of criteria.
        Criterion = "criterion",
        /// Advantages.
        Pro = "pro",
        /// Disadvantages.
        Con = "con",
        /// The exception to the choice.
        Unless = "unless",
        /// Where a tree goes on yes.
        YesBranch = "yes_branch",
        /// Where a tree goes on no.
        NoBranch = "no_branch",
        /// The question of a tree.
        Question = "question",
        /// Examples.
        Example = "example",
        /// Row numbers.
        Order = "order",
    }
}

cues! {
    /// What a cell or short remark says.
    Sign {
        /// Has it.
        Yes = "yes",
        /// Lacks it.
        No = "no",
        /// Has part of it.
        Partly = "partly",
        /// Nothing is said.
        Unknown = "unknown",
        /// Any of the options.
        Either = "either",
        /// All of the options.
        Both = "both",
        /// It depends.
        Depends = "depends",
        /// As the row above.
        Ditto = "ditto",
        /// May be left out.
        Optional = "optional",
        /// Holds without a condition.
        Default = "default",
        /// No longer recommended.
        Deprecated = "deprecated",
        /// Recommended.
        Recommended = "recommended",
        /// Not recommended.
        Rejected = "rejected",
        /// The best one.
        Best = "best",
        /// To be avoided.
        Avoid = "avoid",
    }
}

cues! {
    /// What a heading or lead says of what stands under it.
    Lead {
        /// Needs of the option named.
        Use = "use",
        /// Needs for which the option named is wrong.
        Avoid = "avoid",
        /// Options for the need above.
        UseBare = "use_bare",
        /// Wrong options for the need above.
        AvoidBare = "avoid_bare",
        /// Advantages.
        Pro = "pro",
        /// Disadvantages.
        Con = "con",
        /// Compares the options named.
        Compare = "compare",
        /// Holds in all other cases.
        Default = "default",
        /// A question follows.
        Asked = "asked",
        /// The answer to it follows.
        Answered = "answered",
        /// Names no option and no need.
        Label = "label",
    }
}

cues! {
    /// The parts of a rule in prose.
    Rule {
        /// Recommends what follows.
        Choose = "choose",
        /// Says of what stands before it that it is right for what follows.
        Suits = "suits",
        /// Opposes what follows.
        Avoid = "avoid",
        /// Says of what stands before it that it is wrong for what follows.
        Misfits = "misfits",
        /// Opens the condition.
        Condition = "condition",
        /// Draws the conclusion of a condition.
        Then = "then",
        /// Opens the exception.
        Unless = "unless",
        /// Opens the reason.
        Because = "because",
        /// Joins options that are used together.
        Together = "together",
        /// Points back to what the sentence stands under.
        This = "this",
        /// Opens what something is used for.
        Purpose = "purpose",
    }
}

cues! {
    /// Steps on a scale of words.
    Level {
        /// Nothing.
        None = "none",
        /// Little.
        Low = "low",
        /// Some.
        Medium = "medium",
        /// Much.
        High = "high",
    }
}

impl Cue {
    /// Returns the meaning of list `name` in table `section` of a data file.
    pub fn named(section: &str, name: &str) -> Option<Self> {
        Some(match (section, name) {
            ("", "stop") => Self::Stop,
            ("", "generic") => Self::Generic,
            ("ask", _) => Self::Ask(Ask::named(name)?),
            ("join", _) => Self::Join(Join::named(name)?),
            ("polarity", "not") => Self::Not,
            ("polarity", "without") => Self::Without,
            ("common", "words") => Self::Common,
            ("polarity", "most") => Self::Most,
            ("polarity", "least") => Self::Least,
            ("polarity", "below") => Self::Below,
            ("polarity", "above") => Self::Above,
            ("role", _) => Self::Role(Role::named(name)?),
            ("mark", _) => Self::Sign(Sign::named(name)?),
            ("lead", _) => Self::Lead(Lead::named(name)?),
            ("level", _) => Self::Level(Level::named(name)?),
            ("rule", _) => Self::Rule(Rule::named(name)?),
            _ => return None,
        })
    }
}
