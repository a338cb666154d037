//! All labels' cards in one texture, so that a view's labels are one draw call. It grows when it is full;
//! at the device's limit the cards that were not drawn for longest go.
//!
//! Cards have a border of their own edge and lie on a grid of blocks, so that smaller levels do not mix
//! neighbours.

use std::collections::HashMap;

use etagere::{AllocId, AllocatorOptions, AtlasAllocator, size2};
use glam::Vec4;

use crate::{
    Error, LabelId,
    label_bitmap::{self, Level},
    pipeline::{texture_group, texture_layout},
};

/// Levels of the texture: cards are smooth down to an eighth of their bitmap.
const LEVELS: u32 = 4;
/// Pixels a block: one pixel of the smallest level.
const BLOCK_PX: u32 = 1 << (LEVELS - 1);
const FIRST_SIZE_PX: [u32; 2] = [512, 512];

pub(crate) struct LabelAtlas {
    pub(crate) layout: wgpu::BindGroupLayout,
    sampler: wgpu::Sampler,
    texture: wgpu::Texture,
    group: wgpu::BindGroup,
    places: AtlasAllocator,
    cards: HashMap<LabelId, Card>,
    frame: u64,
}

struct Card {
    place: AllocId,
    /// Of the bordered bitmap.
    corner_px: [u32; 2],
    bordered_px: [u32; 2],
    size_px: [u32; 2],
    drawn_in_frame: u64,
}

/// Where a card lies.
pub(crate) struct CardInAtlas {
    pub(crate) size_px: [u32; 2],
    /// Corner and size in texture coordinates.
    pub(crate) coordinates: Vec4,
}

impl LabelAtlas {
    pub(crate) fn new(device: &wgpu::Device) -> Self {
        let layout = texture_layout(device, "labels");
        let sampler = device.create_sampler(&wgpu::SamplerDescriptor {
            label: Some("labels"),
            mag_filter: wgpu::FilterMode::Linear,
            min_filter: wgpu::FilterMode::Linear,
            mipmap_filter: wgpu::MipmapFilterMode::Linear,
            ..Default::default()
        });
        let texture = texture_of(device, FIRST_SIZE_PX);
        LabelAtlas {
            group: texture_group(device, &layout, &texture, &sampler),
            places: places_of(FIRST_SIZE_PX),
            layout,
            sampler,
            texture,
            cards: HashMap::new(),
            frame: 0,
        }
    }

    pub(crate) fn set(
        &mut self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        id: LabelId,
        size_px: [u32; 2],
        premultiplied_srgb_rgba: &[u8],
    ) -> Result<(), Error> {
        let [width, height] = size_px;
        let largest = device.limits().max_texture_dimension_2d;
        let possible = width > 0 && height > 0 && width.max(height) <= largest - 3 * BLOCK_PX;
        let actual = premultiplied_srgb_rgba.len();
        let required = if possible {
            width as usize * height as usize * 4
        } else {
            0
        };
        let refused = |required| Error::LabelSize {
            width,
            height,
            required,
            actual,
        };
        if required == 0 || actual != required {
            return Err(refused(required));
        }
        let levels =
            label_bitmap::bordered_levels(size_px, BLOCK_PX, LEVELS, premultiplied_srgb_rgba);
        let bordered_px = [levels[0].width, levels[0].height];
        let known = self.cards.get(&id);
        let (place, corner_px) = match known.filter(|card| card.bordered_px == bordered_px) {
            Some(card) => (card.place, card.corner_px),
            None => {
                self.remove(id);
                self.find_room(device, queue, bordered_px)
                    .ok_or(refused(0))?
            }
        };
        write(queue, &self.texture, corner_px, &levels);
        self.cards.insert(
            id,
            Card {
                place,
                corner_px,
                bordered_px,
                size_px,
                drawn_in_frame: self.frame,
            },
        );
        Ok(())
    }

    pub(crate) fn remove(&mut self, id: LabelId) {
        if let Some(card) = self.cards.remove(&id) {
            self.places.deallocate(card.place);
        }
    }

    pub(crate) fn begin_frame(&mut self) {
        self.frame += 1;
    }

    /// The card of a label that is drawn in this frame.
    pub(crate) fn card(&mut self, id: LabelId) -> Option<CardInAtlas> {
        let card = self.cards.get_mut(&id)?;
        card.drawn_in_frame = self.frame;
        let whole = [self.texture.width(), self.texture.height()].map(|size| size as f32);
        let at = |axis: usize| (card.corner_px[axis] + BLOCK_PX) as f32 / whole[axis];
        let size = |axis: usize| card.size_px[axis] as f32 / whole[axis];
        Some(CardInAtlas {
            size_px: card.size_px,
            coordinates: Vec4::new(at(0), at(1), size(0), size(1)),
        })
    }

    /// For the shader; another one whenever a card was set.
    pub(crate) fn group(&self) -> &wgpu::BindGroup {
        &self.group
    }

    /// Room for a bordered bitmap, in a larger atlas if need be.
    fn find_room(
        &mut self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        size_px: [u32; 2],
    ) -> Option<(AllocId, [u32; 2])> {
        let largest = device.limits().max_texture_dimension_2d;
        loop {
            if let Some(found) = allocate(&mut self.places, size_px) {
                return Some(found);
            }
            let [width, height] = [self.texture.width(), self.texture.height()];
            let larger = if height < largest && (height < width || width >= largest) {
                [width, (height * 2).min(largest)]
            } else {
                [(width * 2).min(largest), height]
            };
            if larger != [width, height] {
                self.repack(device, queue, larger);
            } else {
                self.remove(self.longest_unseen()?);
                // Fragments of room add up again.
                if self.places.free_space() >= (size_px[0] * size_px[1] * 2) as i32 {
                    self.repack(device, queue, larger);
                }
            }
        }
    }

    /// The card that was not drawn for longest, and not in the last frame.
    fn longest_unseen(&self) -> Option<LabelId> {
        let unseen = self
            .cards
            .iter()
            .filter(|(_, card)| card.drawn_in_frame < self.frame);
        unseen
            .min_by_key(|(id, card)| (card.drawn_in_frame, **id))
            .map(|(id, _)| *id)
    }

    /// Moves all cards into a new texture of a size.
    fn repack(&mut self, device: &wgpu::Device, queue: &wgpu::Queue, size_px: [u32; 2]) {
        let texture = texture_of(device, size_px);
        let mut places = places_of(size_px);
        let mut encoder = device.create_command_encoder(&Default::default());
        let mut by_height: Vec<_> = self.cards.drain().collect();
        by_height.sort_unstable_by_key(|(id, card)| (std::cmp::Reverse(card.bordered_px[1]), *id));
        for (id, mut card) in by_height {
            let Some((place, corner_px)) = allocate(&mut places, card.bordered_px) else {
                continue;
            };
            for level in 0..LEVELS {
                let at = |texture, corner: [u32; 2]| wgpu::TexelCopyTextureInfo {
                    texture,
                    mip_level: level,
                    origin: wgpu::Origin3d {
                        x: corner[0] >> level,
                        y: corner[1] >> level,
                        z: 0,
                    },
                    aspect: wgpu::TextureAspect::All,
                };
                encoder.copy_texture_to_texture(
                    at(&self.texture, card.corner_px),
                    at(&texture, corner_px),
                    wgpu::Extent3d {
                        width: card.bordered_px[0] >> level,
                        height: card.bordered_px[1] >> level,
                        depth_or_array_layers: 1,
                    },
                );
            }
            card.place = place;
            card.corner_px = corner_px;
            self.cards.insert(id, card);
        }
        queue.submit([encoder.finish()]);
        self.group = texture_group(device, &self.layout, &texture, &self.sampler);
        self.texture = texture;
        self.places = places;
    }
}

fn allocate(places: &mut AtlasAllocator, [width, height]: [u32; 2]) -> Option<(AllocId, [u32; 2])> {
    let found = places.allocate(size2(width as i32, height as i32))?;
    let corner = found.rectangle.min;
    Some((found.id, [corner.x as u32, corner.y as u32]))
}

fn places_of([width, height]: [u32; 2]) -> AtlasAllocator {
    let options = AllocatorOptions {
        alignment: size2(BLOCK_PX as i32, BLOCK_PX as i32),
        ..AllocatorOptions::default()
    };
    AtlasAllocator::with_options(size2(width as i32, height as i32), &options)
}

fn texture_of(device: &wgpu::Device, [width, height]: [u32; 2]) -> wgpu::Texture {
    device.create_texture(&wgpu::TextureDescriptor {
        label: Some("labels"),
        size: wgpu::Extent3d {
            width,
            height,
            depth_or_array_layers: 1,
        },
        mip_level_count: LEVELS,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format: wgpu::TextureFormat::Rgba8UnormSrgb,
        usage: wgpu::TextureUsages::TEXTURE_BINDING
            | wgpu::TextureUsages::COPY_DST
            | wgpu::TextureUsages::COPY_SRC,
        view_formats: &[],
    })
}

fn write(queue: &wgpu::Queue, texture: &wgpu::Texture, corner_px: [u32; 2], levels: &[Level]) {
    for (index, level) in levels.iter().enumerate() {
        queue.write_texture(
            wgpu::TexelCopyTextureInfo {
                texture,
                mip_level: index as u32,
                origin: wgpu::Origin3d {
                    x: corner_px[0] >> index,
                    y: corner_px[1] >> index,
                    z: 0,
                },
                aspect: wgpu::TextureAspect::All,
            },
            &level.rgba,
            wgpu::TexelCopyBufferLayout {
                offset: 0,
                bytes_per_row: Some(level.width * 4),
                rows_per_image: None,
            },
            wgpu::Extent3d {
                width: level.width,
                height: level.height,
                depth_or_array_layers: 1,
            },
        );
    }
}
