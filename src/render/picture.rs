//! What does a table look like as a picture?
//!
//! Lays the cells out as SVG and draws it with the fonts that are compiled in, which hold Vietnamese and emoji; for
//! other scripts it takes what the system has. Draws in memory; who sends the picture is for others.

use std::sync::Arc;

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};

use super::clean;
use super::whole::Whole;

/// The family of the fonts that are compiled in.
const FAMILY: &str = "DejaVu Sans";
const FONTS: [&[u8]; 3] = [
    include_bytes!("fonts/DejaVuSans.ttf"),
    include_bytes!("fonts/DejaVuSans-Bold.ttf"),
    include_bytes!("fonts/NotoEmoji-Regular.ttf"),
];
/// Pixels for each unit: phones show them smaller than they are.
const SCALE: f32 = 2.0;
const SIZE: f32 = 16.0;
const LINE: f32 = 22.0;
const PADDING: f32 = 10.0;
/// Room for the mark before deciding rows.
const MARGIN: f32 = 22.0;
/// Wider columns are wrapped; in a table of many columns sooner.
const COLUMN_WIDTH: f32 = 320.0;
const TABLE_WIDTH: f32 = 1_100.0;
const COLUMN_WIDTH_LEAST: f32 = 70.0;
/// Larger pictures are refused by phones.
const HEIGHT_LIMIT: f32 = 3_500.0;
const WIDTH_LIMIT: f32 = 2_000.0;
/// Measuring costs time for each word.
const TEXT_LIMIT: usize = 40_000;

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// It would be larger than people can look at.
    #[error("the table is too large for a picture")]
    TooLarge,
    /// It could not be drawn.
    #[error("the picture cannot be drawn ({0})")]
    Failed(String),
}

/// Draws pictures. Making one reads the fonts of the system, once.
pub struct Painter {
    fonts: Arc<fontdb::Database>,
}

/// A cell cut into lines.
type Lines = Vec<String>;

impl Painter {
    /// Loads the fonts that are compiled in, and those of the system for what they lack.
    pub fn new() -> Self {
        let mut fonts = fontdb::Database::new();
        FONTS.iter().for_each(|font| fonts.load_font_data(font.to_vec()));
        fonts.load_system_fonts();
        Self::with(fonts)
    }

    /// Loads the fonts that are compiled in, and no others: the same picture everywhere.
    pub fn builtin() -> Self {
        let mut fonts = fontdb::Database::new();
        FONTS.iter().for_each(|font| fonts.load_font_data(font.to_vec()));
        Self::with(fonts)
    }

    fn with(mut fonts: fontdb::Database) -> Self {
        fonts.set_sans_serif_family(FAMILY);
        fonts.set_serif_family(FAMILY);
        Self { fonts: Arc::new(fonts) }
    }

    /// Returns a table as PNG, with a line below it. Cost: some 0.1 s for a screenful.
    ///
    /// # Errors
    /// When it is too large, or our own fault.
    pub fn table(&self, table: &Whole, below: &str) -> Result<Vec<u8>, PictureError> {
        let all = || table.rows.iter().map(|(cells, _)| cells).chain([&table.header]);
        let n_columns = all().map(Vec::len).max().unwrap_or(0).max(1);
        if all().flatten().map(String::len).sum::<usize>() > TEXT_LIMIT {
            return Err(PictureError::TooLarge);
        }
        let limit = (TABLE_WIDTH / n_columns as f32).clamp(COLUMN_WIDTH_LEAST, COLUMN_WIDTH);
        let words = self.measure(all().flatten().map(String::as_str).chain([below]), true)?;
        let lines_of = |cell: &str| wrap(cell, limit, &words);
        let header: Vec<Lines> = table.header.iter().map(|cell| lines_of(cell)).collect();
        let rows: Vec<(Vec<Lines>, bool)> = table
            .rows
            .iter()
            .map(|(cells, decides)| (cells.iter().map(|cell| lines_of(cell)).collect(), *decides))
            .collect();
        let mut widths = vec![0.0_f32; n_columns];
        for cells in rows.iter().map(|(cells, _)| cells).chain([&header]) {
            for (size, lines) in widths.iter_mut().zip(cells) {
                *size = lines.iter().map(|line| words.width(line)).fold(*size, f32::max);
            }
        }
        let below = clean(below).replace('\n', " ");
        let table_width = MARGIN + widths.iter().map(|size| size + 2.0 * PADDING).sum::<f32>();
        let width = table_width.max(words.width(&below) * 0.8 + 2.0 * PADDING);
        let height_of = |cells: &[Lines]| cells.iter().map(Vec::len).max().unwrap_or(0).max(1) as f32 * LINE + PADDING;
        let has_header = header.iter().flatten().any(|line| !line.is_empty());
        let head = if has_header { height_of(&header) } else { 0.0 };
        let height = head + rows.iter().map(|(cells, _)| height_of(cells)).sum::<f32>() + LINE + PADDING;
        if height > HEIGHT_LIMIT || width > WIDTH_LIMIT {
            return Err(PictureError::TooLarge);
        }
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" font-family=\"{FAMILY}\" \
             font-size=\"{SIZE}\"><rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>"
        );
        let mut top = 0.0;
        if has_header {
            svg.push_str(&format!("<rect width=\"{width}\" height=\"{head}\" fill=\"#e8eaf0\"/>"));
            cells(&mut svg, &header, &widths, top, "font-weight=\"bold\" fill=\"#1c2033\"");
            top += head;
        }
        for (at, (row, is_deciding)) in rows.iter().enumerate() {
            let tall = height_of(row);
            let (fill, ink) = match (is_deciding, at % 2) {
                (true, _) => ("#fff1c2", "font-weight=\"bold\" fill=\"#1c2033\""),
                (false, 0) => ("#ffffff", "fill=\"#1c2033\""),
                (false, _) => ("#f6f7fa", "fill=\"#1c2033\""),
            };
            svg.push_str(&format!("<rect y=\"{top}\" width=\"{width}\" height=\"{tall}\" fill=\"{fill}\"/>"));
            if *is_deciding {
                let base = top + SIZE + PADDING / 2.0;
                svg.push_str(&format!("<text x=\"7\" y=\"{base}\" fill=\"#b06a00\">▶</text>"));
            }
            cells(&mut svg, row, &widths, top, ink);
            svg.push_str(&format!("<rect y=\"{top}\" width=\"{width}\" height=\"1\" fill=\"#d4d8e2\"/>"));
            top += tall;
        }
        let (base, small) = (top + LINE, SIZE * 0.8);
        svg.push_str(&format!(
            "<text x=\"{PADDING}\" y=\"{base}\" font-size=\"{small}\" fill=\"#5b6275\">{}</text></svg>",
            escaped(&below)
        ));
        self.draw(&svg)
    }

    /// True when some of the characters would be drawn as empty boxes. Cost: one look at each font for each character.
    pub fn lacks_glyphs(&self, table: &Whole) -> bool {
        let cells = table.rows.iter().flat_map(|(cells, _)| cells).chain(&table.header);
        let mut wanted: Vec<char> = cells.flat_map(|cell| cell.chars()).filter(|c| is_drawn(*c)).collect();
        wanted.sort_unstable();
        wanted.dedup();
        for face in self.fonts.faces() {
            if wanted.is_empty() {
                break;
            }
            self.fonts.with_face_data(face.id, |data, index| {
                if let Ok(face) = ttf_parser::Face::parse(data, index) {
                    wanted.retain(|c| face.glyph_index(*c).is_none());
                }
            });
        }
        !wanted.is_empty()
    }

    fn parse(&self, svg: &str) -> Result<Tree, PictureError> {
        let options = Options { fontdb: Arc::clone(&self.fonts), font_family: FAMILY.to_owned(), ..Options::default() };
        Tree::from_str(svg, &options).map_err(|error| PictureError::Failed(error.to_string()))
    }

    fn draw(&self, svg: &str) -> Result<Vec<u8>, PictureError> {
        let tree = self.parse(svg)?;
        let size = tree.size();
        let pixels = |length: f32| (length * SCALE).ceil() as u32;
        let mut pixmap = Pixmap::new(pixels(size.width()), pixels(size.height()))
            .ok_or_else(|| PictureError::Failed("its size is 0".to_owned()))?;
        resvg::render(&tree, Transform::from_scale(SCALE, SCALE), &mut pixmap.as_mut());
        pixmap.encode_png().map_err(|error| PictureError::Failed(error.to_string()))
    }

    /// Measures each word once, as it is drawn in bold: the wider of the two.
    fn measure<'a>(&self, texts: impl Iterator<Item = &'a str>, is_bold: bool) -> Result<Words, PictureError> {
        let mut words: Vec<String> = texts.flat_map(|text| pieces(&clean(text).replace('\n', " "))).collect();
        words.sort_unstable();
        words.dedup();
        let weight = if is_bold { "bold" } else { "normal" };
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"10\" height=\"10\" font-family=\"{FAMILY}\" \
             font-size=\"{SIZE}\" font-weight=\"{weight}\" xml:space=\"preserve\">"
        );
        for (at, word) in words.iter().enumerate() {
            svg.push_str(&format!("<text id=\"w{at}\" y=\"8\">{}</text>", escaped(word)));
        }
        svg.push_str("</svg>");
        let tree = self.parse(&svg)?;
        let width = |at: usize, word: &str| match tree.node_by_id(&format!("w{at}")) {
            Some(node) => node.abs_bounding_box().right().max(0.0) + 0.5,
            // Nothing is drawn for it.
            None => word.chars().count() as f32 * 0.1,
        };
        Ok(Words(words.iter().enumerate().map(|(at, word)| (word.clone(), width(at, word))).collect()))
    }
}

impl Default for Painter {
    fn default() -> Self {
        Self::new()
    }
}

/// Widths of pieces of text.
struct Words(std::collections::HashMap<String, f32>);

/// Width of a space.
const SPACE: f32 = SIZE * 0.35;

impl Words {
    fn width(&self, line: &str) -> f32 {
        let of = |piece: &String| self.0.get(piece).copied().unwrap_or(piece.chars().count() as f32 * SIZE * 0.75);
        let n_spaces = line.chars().filter(|c| *c == ' ').count();
        pieces(line).iter().map(of).sum::<f32>() + n_spaces as f32 * SPACE
    }
}

/// Cuts a text where a line may end: at spaces, around each character of a dense script, in words without end.
fn pieces(text: &str) -> Vec<String> {
    const LONGEST: usize = 12;
    let mut pieces = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let mut piece = String::new();
        let mut n_chars = 0;
        for c in word.chars() {
            // Signs that belong to the one before them stay with it.
            let joins = crate::text::width(c.encode_utf8(&mut [0; 4])) == 0 || piece.ends_with('\u{200d}');
            let is_wide = crate::text::width(c.encode_utf8(&mut [0; 4])) == 2;
            if !piece.is_empty() && !joins && (is_wide || n_chars >= LONGEST) {
                pieces.push(std::mem::take(&mut piece));
                n_chars = 0;
            }
            piece.push(c);
            n_chars += 1;
        }
        pieces.push(piece);
    }
    pieces
}

/// Cuts a cell into lines no wider than the limit, where it can.
fn wrap(cell: &str, limit: f32, words: &Words) -> Lines {
    let mut lines = Vec::new();
    for paragraph in clean(cell).split('\n') {
        let mut line = String::new();
        let mut size = 0.0;
        for word in paragraph.split(' ').filter(|word| !word.is_empty()) {
            for (at, piece) in pieces(word).into_iter().enumerate() {
                let gap = if at == 0 && !line.is_empty() { SPACE } else { 0.0 };
                let own = words.width(&piece);
                if !line.is_empty() && size + gap + own > limit {
                    lines.push(std::mem::take(&mut line));
                    size = 0.0;
                } else if gap > 0.0 {
                    line.push(' ');
                    size += gap;
                }
                line.push_str(&piece);
                size += own;
            }
        }
        lines.push(line);
    }
    lines
}

fn cells(svg: &mut String, cells: &[Lines], widths: &[f32], top: f32, ink: &str) {
    let mut left = MARGIN + PADDING;
    for (lines, size) in cells.iter().zip(widths) {
        for (at, line) in lines.iter().enumerate().filter(|(_, line)| !line.is_empty()) {
            let base = top + SIZE + PADDING / 2.0 + at as f32 * LINE;
            svg.push_str(&format!("<text x=\"{left}\" y=\"{base}\" {ink}>{}</text>", escaped(line)));
        }
        left += size + 2.0 * PADDING;
    }
}

/// True for what has a glyph of its own: no spaces, controls, joiners or marks of variation.
fn is_drawn(c: char) -> bool {
    let is_mark = matches!(c, '\u{200b}'..='\u{200f}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}');
    !(c.is_whitespace() || c.is_control() || is_mark)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(n_columns: usize, n_rows: usize, cell: &str) -> Whole {
        let row = |name: &str| vec![name.to_owned(); n_columns];
        Whole {
            header: row("Tiêu chí"),
            rows: (0..n_rows).map(|at| (row(cell), at == 1)).collect(),
            markdown: String::new(),
        }
    }

    /// Returns width and height, which stand at the start of a PNG.
    fn size(png: &[u8]) -> (u32, u32) {
        assert_eq!(&png[1..4], b"PNG");
        let number = |at: usize| u32::from_be_bytes([png[at], png[at + 1], png[at + 2], png[at + 3]]);
        (number(16), number(20))
    }

    #[test]
    fn tables_of_all_kinds_are_drawn_within_limits() {
        let painter = Painter::builtin();
        for (table, n) in [
            (whole(2, 3, "Độ trễ thấp"), "vi"),
            (whole(12, 20, "some & <words> \"here\""), "wide"),
            (whole(3, 2, "高筋粉 ✅ 👨\u{200d}👩\u{200d}👧"), "zh"),
            (whole(1, 1, ""), "empty"),
            (whole(2, 2, "a\u{0}\u{7}\nb"), "control"),
        ] {
            let png = painter.table(&table, "Note.md:7").unwrap_or_else(|error| panic!("{n}: {error}"));
            let (width, height) = size(&png);
            assert!(width <= 4_000 && height <= 7_000 && png.len() < 8 << 20, "{n}: {width} x {height}");
        }
        assert!(matches!(painter.table(&whole(2, 500, "x"), ""), Err(PictureError::TooLarge)));
        assert!(matches!(painter.table(&whole(2, 5, &"x".repeat(9_000)), ""), Err(PictureError::TooLarge)));
    }

    #[test]
    fn missing_glyphs_are_known() {
        let painter = Painter::builtin();
        assert!(!painter.lacks_glyphs(&whole(2, 2, "Ưu điểm: độ trễ ✅ 👨\u{200d}👩\u{200d}👧 ⚠\u{fe0f}")));
        assert!(painter.lacks_glyphs(&whole(2, 2, "高筋粉")));
    }

    #[test]
    fn lines_end_at_spaces_and_between_signs() {
        assert_eq!(pieces("面包 bread"), ["面", "包", "bread"]);
        assert_eq!(pieces("👨\u{200d}👩"), ["👨\u{200d}👩"]);
        assert_eq!(pieces("abcdefghijklmnop"), ["abcdefghijkl", "mnop"]);
    }
}
