//! A CPU renderer for pictures of the window: no GPU, no display, the same bytes on every machine.
//!
//! It fills the triangles that egui tessellates: 24.8 fixed-point edges with the top-left rule,
//! premultiplied blending in gamma space, as egui's own backends do. It knows nothing of widgets.

use std::collections::HashMap;

use egui::epaint::{ImageData, ImageDelta, Mesh, Primitive, Vertex};
use egui::{Color32, Context, FullOutput, Rect, TextureFilter, TextureId, TextureWrapMode, TexturesDelta};
use egui_kittest::TestRenderer;
use image::RgbaImage;

/// Draws egui's output into memory.
#[derive(Default)]
pub struct CpuRenderer {
    textures: HashMap<TextureId, Texture>,
}

impl TestRenderer for CpuRenderer {
    fn handle_delta(&mut self, delta: &mut TexturesDelta) {
        for (id, changes) in delta.set.drain() {
            for change in changes {
                self.change_texture(id, change);
            }
        }
        for id in delta.free.drain() {
            self.textures.remove(&id);
        }
    }

    fn render(&mut self, ctx: &Context, output: &FullOutput) -> Result<RgbaImage, String> {
        let scale = output.pixels_per_point;
        let size = ctx.content_rect().size() * scale;
        let background = ctx.global_style().visuals.panel_fill;
        let mut canvas = Canvas::new(size.x.round() as i32, size.y.round() as i32, background);
        for clipped in ctx.tessellate(output.shapes.clone(), scale) {
            // Paint callbacks need a GPU; the application uses none.
            let Primitive::Mesh(mesh) = &clipped.primitive else {
                continue;
            };
            let texture = self.textures.get(&mesh.texture_id);
            let texture = texture.ok_or_else(|| format!("no texture {:?}", mesh.texture_id))?;
            canvas.fill_mesh(mesh, texture, clipped.clip_rect, scale);
        }
        canvas.into_image()
    }
}

impl CpuRenderer {
    fn change_texture(&mut self, id: TextureId, change: ImageDelta) {
        let ImageData::Color(image) = &change.image;
        let [width, height] = image.size;
        match change.pos {
            None => {
                let texture = Texture {
                    width: width as i32,
                    height: height as i32,
                    pixels: image.pixels.iter().map(Color32::to_array).collect(),
                    linear: change.options.magnification == TextureFilter::Linear,
                    wrap: change.options.wrap_mode,
                };
                self.textures.insert(id, texture);
            }
            Some([left, top]) => {
                let texture = self
                    .textures
                    .get_mut(&id)
                    .expect("a patch follows a whole texture");
                for (row, source) in image.pixels.chunks_exact(width).enumerate() {
                    let start = (top + row) * texture.width as usize + left;
                    for (target, color) in texture.pixels[start..start + width].iter_mut().zip(source) {
                        *target = color.to_array();
                    }
                }
            }
        }
    }
}

/// Premultiplied pixels and how to read between them.
struct Texture {
    width: i32,
    height: i32,
    pixels: Vec<[u8; 4]>,
    linear: bool,
    wrap: TextureWrapMode,
}

impl Texture {
    /// The colour at texel coordinates with 16 fraction bits.
    #[inline]
    fn sample(&self, u: i64, v: i64) -> [u8; 4] {
        if !self.linear {
            return self.texel((u >> 16) as i32, (v >> 16) as i32);
        }
        // Half a texel back, and 8 bits of weight: texel centres then hit weight zero.
        let (u, v) = ((u - 0x8000 + 0x80) >> 8, (v - 0x8000 + 0x80) >> 8);
        let (x, y) = ((u >> 8) as i32, (v >> 8) as i32);
        let (fx, fy) = ((u & 255) as u32, (v & 255) as u32);
        if fx | fy == 0 {
            return self.texel(x, y);
        }
        let (a, b) = (self.texel(x, y), self.texel(x + 1, y));
        let (c, d) = (self.texel(x, y + 1), self.texel(x + 1, y + 1));
        let mix = |i: usize| {
            let top = u32::from(a[i]) * (256 - fx) + u32::from(b[i]) * fx;
            let bottom = u32::from(c[i]) * (256 - fx) + u32::from(d[i]) * fx;
            ((top * (256 - fy) + bottom * fy + 0x8000) >> 16) as u8
        };
        [mix(0), mix(1), mix(2), mix(3)]
    }

    #[inline]
    fn texel(&self, x: i32, y: i32) -> [u8; 4] {
        let (x, y) = if x >= 0 && y >= 0 && x < self.width && y < self.height {
            (x, y)
        } else {
            (self.wrapped(x, self.width), self.wrapped(y, self.height))
        };
        self.pixels[(y * self.width + x) as usize]
    }

    fn wrapped(&self, at: i32, size: i32) -> i32 {
        match self.wrap {
            TextureWrapMode::ClampToEdge => at.clamp(0, size - 1),
            TextureWrapMode::Repeat => at.rem_euclid(size),
            TextureWrapMode::MirroredRepeat => {
                let at = at.rem_euclid(2 * size);
                if at < size { at } else { 2 * size - 1 - at }
            }
        }
    }
}

/// The picture being made.
struct Canvas {
    width: i32,
    height: i32,
    pixels: Vec<u8>,
}

/// Pixels that may be touched: left, top, right, bottom (the last two exclusive).
type Bounds = [i32; 4];

impl Canvas {
    fn new(width: i32, height: i32, background: Color32) -> Self {
        let pixels = background
            .to_opaque()
            .to_array()
            .repeat((width * height) as usize);
        Self {
            width,
            height,
            pixels,
        }
    }

    fn into_image(self) -> Result<RgbaImage, String> {
        RgbaImage::from_raw(self.width as u32, self.height as u32, self.pixels)
            .ok_or_else(|| "the picture has the wrong size".to_owned())
    }

    fn fill_mesh(&mut self, mesh: &Mesh, texture: &Texture, clip: Rect, scale: f32) {
        let edge = |at: f32, limit: i32| ((at * scale).round() as i32).clamp(0, limit);
        let clip = [
            edge(clip.min.x, self.width),
            edge(clip.min.y, self.height),
            edge(clip.max.x, self.width),
            edge(clip.max.y, self.height),
        ];
        let corners: Vec<Corner> = mesh
            .vertices
            .iter()
            .map(|v| Corner::new(v, texture, scale))
            .collect();
        for index in mesh.indices.chunks_exact(3) {
            let corner = |i: usize| corners[index[i] as usize];
            self.fill_triangle([corner(0), corner(1), corner(2)], texture, clip);
        }
    }

    fn fill_triangle(&mut self, mut t: [Corner; 3], texture: &Texture, clip: Bounds) {
        let area = cross(&t[0], &t[1], &t[2]);
        if area == 0 {
            return;
        }
        if area < 0 {
            t.swap(1, 2);
        }
        let area = area.unsigned_abs() as f64;
        let low = |a: i32, b: i32, c: i32| (a.min(b).min(c) + 127) >> 8;
        let high = |a: i32, b: i32, c: i32| ((a.max(b).max(c) + 128) >> 8) + 1;
        let left = low(t[0].x, t[1].x, t[2].x).max(clip[0]);
        let top = low(t[0].y, t[1].y, t[2].y).max(clip[1]);
        let right = high(t[0].x, t[1].x, t[2].x).min(clip[2]);
        let bottom = high(t[0].y, t[1].y, t[2].y).min(clip[3]);
        if left >= right || top >= bottom {
            return;
        }

        let plain = (t[0].color == t[1].color && t[1].color == t[2].color).then_some(t[0].color);
        let flat = t[0].texel == t[1].texel && t[1].texel == t[2].texel;
        let solid = match (plain, flat) {
            (Some(color), true) => Some(multiply(
                texture.sample(t[0].texel[0] as i64, t[0].texel[1] as i64),
                color,
            )),
            _ => None,
        };
        let slopes = Slopes::new(&t, area);
        let edges = [
            Edge::new(&t[1], &t[2]),
            Edge::new(&t[2], &t[0]),
            Edge::new(&t[0], &t[1]),
        ];
        for y in top..bottom {
            let (mut start, mut end) = (left, right);
            for edge in &edges {
                edge.narrow(y, &mut start, &mut end);
            }
            if start >= end {
                continue;
            }
            let from = ((y * self.width + start) * 4) as usize;
            let to = ((y * self.width + end) * 4) as usize;
            let row = &mut self.pixels[from..to];
            match solid {
                Some(color) => fill_solid(row, color),
                None => slopes.fill(row, &t[0], start, y, texture, plain),
            }
        }
    }
}

/// A vertex in pixels with 8 fraction bits, texels and colour with 16.
#[derive(Clone, Copy)]
struct Corner {
    x: i32,
    y: i32,
    texel: [f64; 2],
    color: [u8; 4],
}

impl Corner {
    fn new(vertex: &Vertex, texture: &Texture, scale: f32) -> Self {
        let fixed = |at: f32| (at * scale * 256.0).round().clamp(-4.0e6, 4.0e6) as i32;
        Self {
            x: fixed(vertex.pos.x),
            y: fixed(vertex.pos.y),
            texel: [
                f64::from(vertex.uv.x) * f64::from(texture.width) * 65536.0,
                f64::from(vertex.uv.y) * f64::from(texture.height) * 65536.0,
            ],
            color: vertex.color.to_array(),
        }
    }
}

fn cross(a: &Corner, b: &Corner, c: &Corner) -> i64 {
    i64::from(b.x - a.x) * i64::from(c.y - a.y) - i64::from(b.y - a.y) * i64::from(c.x - a.x)
}

/// One side of a triangle: a pixel is inside where `at + x * dx + y * dy >= 0`.
struct Edge {
    at: i64,
    dx: i64,
    dy: i64,
}

impl Edge {
    fn new(a: &Corner, b: &Corner) -> Self {
        let (dx, dy) = (-i64::from(b.y - a.y), i64::from(b.x - a.x));
        // Top-left rule: a pixel centre exactly on a right or bottom edge belongs to the neighbour.
        let top_left = dx > 0 || (dx == 0 && dy > 0);
        let center = dx * (128 - i64::from(a.x)) + dy * (128 - i64::from(a.y));
        Self {
            at: center - i64::from(!top_left),
            dx: dx * 256,
            dy: dy * 256,
        }
    }

    /// Cuts the run of pixels `start..end` in row `y` down to this side's inside.
    #[inline]
    fn narrow(&self, y: i32, start: &mut i32, end: &mut i32) {
        let row = self.at + self.dy * i64::from(y);
        if self.dx > 0 {
            let first = (-row).div_euclid(self.dx) + i64::from((-row).rem_euclid(self.dx) != 0);
            *start = (*start).max(first.clamp(-1, 1 << 24) as i32);
        } else if self.dx < 0 {
            let last = row.div_euclid(-self.dx);
            *end = (*end).min((last + 1).clamp(-1, 1 << 24) as i32);
        } else if row < 0 {
            *end = *start;
        }
    }
}

/// How texel and colour change from pixel to pixel, with 16 fraction bits.
struct Slopes {
    across: [f64; 6],
    down: [f64; 6],
}

impl Slopes {
    fn new(t: &[Corner; 3], area: f64) -> Self {
        let value = |c: &Corner, i: usize| {
            if i < 2 {
                c.texel[i]
            } else {
                f64::from(c.color[i - 2]) * 65536.0
            }
        };
        let (mut across, mut down) = ([0.0; 6], [0.0; 6]);
        let (ax, ay) = (f64::from(t[1].x - t[0].x), f64::from(t[1].y - t[0].y));
        let (bx, by) = (f64::from(t[2].x - t[0].x), f64::from(t[2].y - t[0].y));
        for i in 0..6 {
            let (a, b) = (
                value(&t[1], i) - value(&t[0], i),
                value(&t[2], i) - value(&t[0], i),
            );
            across[i] = (a * by - b * ay) / area * 256.0;
            down[i] = (b * ax - a * bx) / area * 256.0;
        }
        Self { across, down }
    }

    fn fill(
        &self,
        row: &mut [u8],
        origin: &Corner,
        x: i32,
        y: i32,
        texture: &Texture,
        plain: Option<[u8; 4]>,
    ) {
        let right = f64::from(x) + 0.5 - f64::from(origin.x) / 256.0;
        let below = f64::from(y) + 0.5 - f64::from(origin.y) / 256.0;
        let first =
            |i: usize, base: f64| (base + self.across[i] * right + self.down[i] * below).round() as i64;
        let step = |i: usize| self.across[i].round() as i64;
        let (mut u, mut v) = (first(0, origin.texel[0]), first(1, origin.texel[1]));
        let (du, dv) = (step(0), step(1));
        if let Some(color) = plain {
            for pixel in row.chunks_exact_mut(4) {
                let texel = texture.sample(u, v);
                if texel[3] != 0 {
                    blend(pixel, multiply(texel, color));
                }
                (u, v) = (u + du, v + dv);
            }
            return;
        }
        let base = |i: usize| f64::from(origin.color[i]) * 65536.0;
        let mut c = [
            first(2, base(0)),
            first(3, base(1)),
            first(4, base(2)),
            first(5, base(3)),
        ];
        let dc = [step(2), step(3), step(4), step(5)];
        for pixel in row.chunks_exact_mut(4) {
            let channel = |i: usize| ((c[i] + 0x8000) >> 16).clamp(0, 255) as u8;
            let color = [channel(0), channel(1), channel(2), channel(3)];
            blend(pixel, multiply(texture.sample(u, v), color));
            (u, v) = (u + du, v + dv);
            c = [c[0] + dc[0], c[1] + dc[1], c[2] + dc[2], c[3] + dc[3]];
        }
    }
}

fn fill_solid(row: &mut [u8], color: [u8; 4]) {
    for pixel in row.chunks_exact_mut(4) {
        if color[3] == 255 {
            pixel.copy_from_slice(&color);
        } else {
            blend(pixel, color);
        }
    }
}

#[inline]
fn multiply(a: [u8; 4], b: [u8; 4]) -> [u8; 4] {
    if a == [255; 4] {
        return b;
    }
    [
        scale(a[0], b[0]),
        scale(a[1], b[1]),
        scale(a[2], b[2]),
        scale(a[3], b[3]),
    ]
}

/// Lays a premultiplied colour over an opaque pixel.
#[inline]
fn blend(pixel: &mut [u8], color: [u8; 4]) {
    let rest = 255 - color[3];
    for i in 0..3 {
        pixel[i] = color[i].saturating_add(scale(pixel[i], rest));
    }
}

/// `a * b / 255`, rounded.
#[inline]
fn scale(a: u8, b: u8) -> u8 {
    let product = u32::from(a) * u32::from(b) + 128;
    ((product + (product >> 8)) >> 8) as u8
}
