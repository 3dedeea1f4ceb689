//! Which vault has this many notes?
//!
//! Makes notes out of a number, the same on every machine: decision tables, comparisons, trees, lists, prose and links,
//! in English and Vietnamese. Words follow Zipf's law, a few names are linked from everywhere and most from nowhere.

use std::fmt::Write;

/// A source of numbers that looks random and is always the same (SplitMix64).
pub struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Returns a number below `n`, each as likely.
    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }

    /// Returns a number below `n`, low ones far more often.
    pub fn zipf(&mut self, n: usize) -> usize {
        let u = (self.next() >> 11) as f64 / (1u64 << 53) as f64;
        (((n as f64 + 1.0).powf(u) - 1.0) as usize).min(n.saturating_sub(1))
    }

    pub fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }
}

const VERBS: &[&str] = &[
    "archive",
    "search",
    "stream",
    "compress",
    "translate",
    "monitor",
    "encrypt",
    "schedule",
    "import",
    "render",
    "label",
    "rank",
    "merge",
    "replay",
    "sample",
    "audit",
    "cache",
    "route",
    "deploy",
    "rotate",
];
const THINGS: &[&str] = &[
    "invoices",
    "sensor readings",
    "support tickets",
    "audio files",
    "maps",
    "contracts",
    "log lines",
    "photos",
    "orders",
    "chat messages",
    "backups",
    "time series",
    "user profiles",
    "recipes",
    "job queues",
    "test reports",
];
const MANNERS: &[&str] = &[
    "every night",
    "in real time",
    "without a server",
    "on a small budget",
    "for many tenants",
    "across regions",
    "on old machines",
    "with strict privacy",
    "at the edge",
    "for one team",
];
const NEEDS_VI: &[&str] = &[
    "lưu trữ hóa đơn",
    "tìm kiếm tài liệu",
    "dự báo nhu cầu",
    "nén dữ liệu cảm biến",
    "dịch tin nhắn",
    "theo dõi nhật ký",
    "mã hóa hồ sơ",
    "lên lịch công việc",
    "gắn nhãn ảnh",
    "xếp hạng kết quả",
];
const MANNERS_VI: &[&str] =
    &["mỗi đêm", "theo thời gian thực", "với chi phí thấp", "cho nhiều khách hàng", "trên máy cũ", "ngoại tuyến"];
const CRITERIA: &[&str] =
    &["Latency", "Price", "Backups", "Offline use", "Access rules", "Scaling", "Chi phí", "Độ trễ"];
const STARTS: &[&str] =
    &["Kor", "Vel", "Tan", "Mi", "Ras", "Ode", "Bly", "Quin", "Zer", "Hal", "Pra", "Nim", "Sol", "Dux"];
const ENDS: &[&str] =
    &["va", "dra", "tix", "lo", "mer", "nox", "pha", "rin", "sta", "vex", "lane", "base", "flow", "grid"];
const MARKS: &[&str] = &["✅", "❌", "yes", "no", "partly", "có", "không", "12 ms", "$3", "unlimited"];

/// Returns option number `at`: as many names as one needs.
pub fn option(at: usize) -> String {
    let (start, end) = (STARTS[at % STARTS.len()], ENDS[at / STARTS.len() % ENDS.len()]);
    match at / (STARTS.len() * ENDS.len()) {
        0 => format!("{start}{end}"),
        n => format!("{start}{end} {n}"),
    }
}

fn word(at: usize) -> String {
    let mut word = String::new();
    let mut rest = at + 7;
    while rest > 0 {
        word.push(char::from(b"bdfghklmnprstv"[rest % 14]));
        word.push(char::from(b"aeiou"[rest / 14 % 5]));
        rest /= 70;
    }
    word
}

/// One need, in the words of a note or of a question about it.
pub fn need(dice: &mut Dice, is_vietnamese: bool) -> String {
    if is_vietnamese {
        format!("{} {} {}", dice.pick(NEEDS_VI), dice.pick(MANNERS_VI), dice.zipf(200))
    } else {
        format!("{} {} {} {}", dice.pick(VERBS), dice.pick(THINGS), dice.pick(MANNERS), word(dice.zipf(2_000)))
    }
}

/// Returns path and text of note `at` of a vault of `n_notes`.
pub fn note(at: usize, n_notes: usize) -> (String, String) {
    let mut dice = Dice(at as u64 * 7_919 + 13);
    let is_vietnamese = at.is_multiple_of(3);
    let n_options = (n_notes / 4).clamp(8, 20_000);
    let own = option(at % n_options);
    let path = format!("area {:02}/topic {:03}/{own} {at}.md", at % 40, at / 40 % 250);
    let mut text = String::new();
    let w = &mut text;
    if at.is_multiple_of(5) {
        let _ = writeln!(
            w,
            "---\naliases: [\"{own} kit {at}\"]\ntags: [tools]\ndate: 2024-0{}-1{}\n---",
            at % 9 + 1,
            at % 8
        );
    }
    let names: Vec<String> = (0..3).map(|_| option(dice.zipf(n_options))).collect();
    let _ = writeln!(
        w,
        "# {} {at}\n",
        if is_vietnamese { format!("Khi nào dùng {own}") } else { format!("Notes on {own}") }
    );
    prose(w, &mut dice, 40);
    let _ = writeln!(w, "\n## {}\n", if is_vietnamese { "Ma trận quyết định" } else { "Decision matrix" });
    let _ = writeln!(w, "| {} |\n|---|---|", if is_vietnamese { "Khi nào | Dùng" } else { "Scenario | Choice" });
    for _ in 0..4 + dice.below(4) {
        let _ = writeln!(w, "| {} | {} |", need(&mut dice, is_vietnamese), names[dice.below(3)]);
    }
    let _ = writeln!(
        w,
        "\nSee [[{} {}]] and [[{}|{}]].\n",
        option(at * 3 % n_options),
        at * 3 % n_notes,
        names[0],
        names[0]
    );
    match at % 4 {
        0 => {
            let _ = writeln!(
                w,
                "## {} vs {}\n\n| Criterion | {} | {} |\n|---|---|---|",
                names[0], names[1], names[0], names[1]
            );
            for criterion in CRITERIA {
                let _ = writeln!(w, "| {criterion} | {} | {} |", dice.pick(MARKS), dice.pick(MARKS));
            }
        }
        1 => {
            let _ = writeln!(w, "## When to use {own}\n");
            for _ in 0..4 {
                let _ = writeln!(w, "- {}", need(&mut dice, is_vietnamese));
            }
        }
        2 => {
            let _ = writeln!(w, "## Decide\n\n```\n{}?", need(&mut dice, false));
            let _ = writeln!(w, "├── yes → {}\n└── no → {}\n```", names[1], names[2]);
        }
        _ => {
            for name in &names {
                let _ = writeln!(w, "- **{name}**: {}", need(&mut dice, is_vietnamese));
            }
        }
    }
    let _ = writeln!(w, "\n## {}\n", if is_vietnamese { "Ghi chú" } else { "Remarks" });
    for _ in 0..4 {
        prose(w, &mut dice, 30);
    }
    (path, text)
}

fn prose(w: &mut String, dice: &mut Dice, n_words: usize) {
    for at in 0..n_words {
        let word = word(dice.zipf(6_000));
        let _ = match at {
            0 => write!(w, "{}{}", word[..1].to_uppercase(), &word[1..]),
            _ if at % 12 == 11 => write!(w, " {word}."),
            _ => write!(w, " {word}"),
        };
    }
    w.push_str(".\n\n");
}
