//! The binary.
use fingerpost::{answer, generation, language::Languages, vault};
use std::io::{BufRead, Write};
fn main() {
    let args: Vec<String> = std::env::args().collect();
    if args[1] == "learn" { learn(&args[2..]); return; }
    let (notes, index) = (&args[1], &args[2]);
    let t = std::time::Instant::now();
    let languages = Languages::builtin();
    eprintln!("languages {:?}", t.elapsed());
    let (entries, faults) = vault::scan(std::path::Path::new(notes)).expect("scan");
    let files: Vec<_> =
        entries.iter().map(|e| (e.path.clone(), vault::read(std::path::Path::new(notes), &e.path).text)).collect();
    let g = generation::Generation::build(1, files, faults, std::path::Path::new(index), &languages).expect("build");
    eprintln!("built {:?} claims {}", t.elapsed(), g.entries.iter().map(|e| e.claims.len()).sum::<usize>());
    let explain = args.len() > 3;
    let off = std::env::var("OFF").map(|s| s.split(',').map(str::to_owned).collect()).unwrap_or_default();
    let switches = answer::Switches { off, ..answer::Switches::default() };
    let mut out = std::io::stdout().lock();
    let t = std::time::Instant::now();
    let mut n = 0;
    for line in std::io::stdin().lock().lines() {
        let a = answer::ask(&line.expect("line"), &g, &languages, &switches, explain);
        n += 1;
        if explain {
            writeln!(out, "{}", serde_json::to_string_pretty(&a).expect("json")).expect("w");
        } else {
            writeln!(out, "{}", serde_json::to_string(&a).expect("json")).expect("w");
        }
    }
    eprintln!("{n} asks {:?} each", t.elapsed() / n.max(1));
}

// learn CASES VAULTS filter-first-letters rounds out
fn learn(args: &[String]) {
    use fingerpost::{eval::Case, learn::{Exam, objective, search}, answer::Weights};
    #[derive(serde::Deserialize)] struct Line { vault: String, #[serde(flatten)] case: Case }
    let languages = Languages::builtin();
    let mut exams = Vec::new();
    for (cases, vaults) in [(&args[0], &args[1])] {
        let mut by: std::collections::BTreeMap<String, Vec<Case>> = Default::default();
        for l in std::fs::read_to_string(cases).expect("cases").lines() { let l: Line = serde_json::from_str(l).expect("case"); by.entry(l.vault).or_default().push(l.case); }
        for (v, c) in by { let dir = std::env::temp_dir().join("learn").join(&v); let _ = std::fs::remove_dir_all(&dir); exams.push(Exam::load(&v, &std::path::Path::new(vaults).join(&v), &dir, c, &languages).expect("exam")); }
    }
    let (lo, hi) = args[2].split_once('-').expect("range a-l");
    let inside = |e: &&Exam| { let c = &e.vault[..1]; c >= lo && c <= hi };
    let train: Vec<&Exam> = exams.iter().filter(inside).collect();
    let test: Vec<&Exam> = exams.iter().filter(|e| !inside(e)).collect();
    let start = Weights::builtin();
    let t = std::time::Instant::now();
    let best = search(&train, &start, &languages, args[3].parse().expect("rounds"), |r, s, w| { println!("round {r} train {s:.4} test {:.4} {:?}", objective(&test, w, &languages), t.elapsed()); std::fs::write(&args[4], w.to_toml()).expect("w"); });
    let _ = best;
}
