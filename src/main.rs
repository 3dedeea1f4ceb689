//! The binary.
use fingerpost::{answer, generation, language::Languages, vault};
use std::io::{BufRead, Write};
fn main() {
    let args: Vec<String> = std::env::args().collect();
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
    let switches = answer::Switches { off };
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
