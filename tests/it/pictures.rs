//! Pictures of tables as people make them, to be looked at.
//!
//! Where `FINGERPOST_PICTURES` names a folder they are written there; those of `.docs/` are made this way.

use fingerpost::render::picture::Painter;
use fingerpost::render::whole::Whole;

fn table(lines: &[&str], deciding: &[usize]) -> Whole {
    let cells = |line: &&str| line.split('|').map(|cell| cell.trim().replace("<br>", "\n")).collect::<Vec<_>>();
    let rows = lines[1..].iter().enumerate().map(|(at, line)| (cells(line), deciding.contains(&at)));
    Whole { header: cells(&lines[0]), rows: rows.collect(), markdown: lines.join("\n") }
}

#[test]
fn ten_tables_are_drawn() {
    let wide: Vec<String> = std::iter::once((1..=12).map(|n| format!("Cột {n}")).collect::<Vec<_>>().join("|"))
        .chain((1..=6).map(|row| (1..=12).map(|n| format!("giá trị {row}.{n}")).collect::<Vec<_>>().join("|")))
        .collect();
    let wide: Vec<&str> = wide.iter().map(String::as_str).collect();
    let long = "a longer remark that says why this one was taken and what it costs in the second year";
    let long_row = format!("Batch jobs | Spot | {long}");
    let tables = [
        (
            "decision",
            table(
                &[
                    "Nhu cầu | Chọn",
                    "Dự báo chuỗi thời gian | SageMaker",
                    "Chatbot trong một tuần | Bedrock",
                    "Huấn luyện từ số 0 | SageMaker",
                ],
                &[0],
            ),
        ),
        (
            "vietnamese",
            table(
                &[
                    "Tiêu chí | Phương án A | Phương án B",
                    "Độ trễ | rất thấp | vừa phải",
                    "Giá mỗi tháng | 1.200.000 ₫ | miễn phí",
                    "Ưu điểm | Ổn định, dễ vận hành | Nhanh, ít cấu hình",
                ],
                &[1],
            ),
        ),
        ("chinese", table(&["需求 | 选择", "全文搜索 | 面包", "グルテン | 高筋粉", "한국어 | 검색"], &[0])),
        (
            "emoji",
            table(
                &[
                    "Feature | Deck oven | Rack oven",
                    "Steam | ✅ | ❌",
                    "Speed | ⚠️ | 🚀",
                    "Team | 👨\u{200d}👩\u{200d}👧 | 🇻🇳",
                ],
                &[0],
            ),
        ),
        ("wide", table(&wide, &[2])),
        ("long", table(&["Need | Choice | Why", &long_row, "Web | On demand | steady"], &[0])),
        ("lines", table(&["Case | Steps", "Deploy | build<br>push<br>roll out", "Undo | roll back"], &[1])),
        ("single", table(&["Rule", "Always write the test first", "Then the code"], &[0])),
        ("markup", table(&["A & B | <C>", "x < y && \"z\" | <script>", "'quoted' | &amp;"], &[1])),
        (
            "word",
            table(
                &[
                    "Key | Value",
                    "hash | e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                    "path | /a/very/long/path/that/never/ends/and/has/no/space/in/it",
                ],
                &[0],
            ),
        ),
    ];
    let painter = Painter::builtin();
    let folder = std::env::var_os("FINGERPOST_PICTURES").map(std::path::PathBuf::from);
    for (name, table) in &tables {
        let png = painter.table(table, "Ghi chú › Một mục:42").unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(png.starts_with(b"\x89PNG") && png.len() < 1 << 20, "{name}: {} bytes", png.len());
        assert_eq!(png, painter.table(table, "Ghi chú › Một mục:42").expect("again"), "the same picture each time");
        if let Some(folder) = &folder {
            std::fs::write(folder.join(name).with_extension("png"), png).expect("a file");
        }
    }
    if let Some(folder) = &folder {
        let with_system = Painter::new().table(&tables[2].1, "fonts of the system").expect("drawn");
        std::fs::write(folder.join("chinese-system.png"), with_system).expect("a file");
    }
}
