import { givenUp, offHeap } from './off-heap.js';

/**
 * A reference to a block: its slab's number and, in granules of 8 bytes, its place in the slab, as 32 bits. Inside the
 * heap references are signed or unsigned as it comes; only the bits count.
 */
export type BlockRef = number;

const PLACE_BITS = 17;
const PLACE_MASK = (1 << PLACE_BITS) - 1;
const FIRST_SLAB_BYTES = 4 << 10;
const MAX_SLAB_BYTES = 1 << 20;
const MAX_SLABS = 30 << 10;

const GRANULES_MASK = (1 << 18) - 1;
const FREE = 1 << 18;
const PREVIOUS_FREE = 1 << 19;
const PADDING_SHIFT = 20;
const MIN_GRANULES = 2;

const EXACT_CLASSES = 32;
const CLASSES = EXACT_CLASSES + 8 * (PLACE_BITS - 5) + 1;

/** The largest block that a slab is asked for; larger ones are better off alone. */
export const MAX_BLOCK_BYTES = 128 << 10;

const NO_WORDS = new Int32Array(0);
const NO_BYTES = Buffer.alloc(0);

/** The first reference that no block in a slab can have (as an unsigned number). */
export const FIRST_FOREIGN_REF = MAX_SLABS * 2 ** PLACE_BITS;

/**
 * Reference-counted blocks of bytes in slabs outside the V8 heap, of 4 KiB at first, doubling to 1 MiB. Blocks are cut
 * and joined (two-level segregated fit): free ones are in lists by size, exact below 256 bytes and eight to a doubling
 * above, and joined with free neighbours at once; a slab that is all free is given back, but for one. So allocation and
 * release are O(1), about 30 ns, a block wastes less than 16 bytes, and memory freed in one size serves every other.
 *
 * Each block has a header of two 32-bit words: [size in granules, flags, padding] and [count of references]. A free block
 * has its list's next and previous block in the second and third word, and its size in its last word. Slabs begin and
 * end with a granule of their own.
 */
export class SlabHeap {
  /** Each slab as 32-bit words; empty where one has been given back. */
  private readonly words: Int32Array[] = [];
  private readonly buffers: Buffer[] = [];
  private readonly vacant: number[] = [];
  private readonly firstOfClass = new Int32Array(CLASSES);
  private readonly classesInUse = new Int32Array((CLASSES + 31) >>> 5);
  private nextSlabBytes = FIRST_SLAB_BYTES;
  /** The slab kept although all of it is free, -1 = none. */
  private spare = -1;
  private granulesInUse = 0;
  private granulesReserved = 0;

  /** Bytes of all blocks in use, their headers and padding included. */
  get bytesInUse(): number {
    return this.granulesInUse * 8;
  }

  /** Bytes of all slabs. */
  get bytesReserved(): number {
    return this.granulesReserved * 8;
  }

  /** A block for so many bytes, at most MAX_BLOCK_BYTES, with a count of 1. The bytes are whatever was there before. */
  allocate(length: number): BlockRef {
    const wanted = Math.max((length + 15) >>> 3, MIN_GRANULES);
    let sizeClass = this.classInUseFrom(wanted);
    if (sizeClass < 0) {
      this.addSlab(wanted);
      sizeClass = this.classInUseFrom(wanted);
    }
    const ref = this.firstOfClass[sizeClass];
    const words = this.words[ref >>> PLACE_BITS];
    const word = (ref & PLACE_MASK) * 2;
    let granules = words[word] & GRANULES_MASK;
    this.unlink(ref, granules);
    if (ref >>> PLACE_BITS === this.spare) this.spare = -1;
    if (granules - wanted >= MIN_GRANULES) {
      this.makeFree(ref + wanted, granules - wanted);
      granules = wanted;
    } else {
      words[word + granules * 2] &= ~PREVIOUS_FREE;
    }
    words[word] = granules | (((granules - 1) * 8 - length) << PADDING_SHIFT);
    words[word + 1] = 1;
    this.granulesInUse += granules;
    return ref;
  }

  /** One reference more. */
  retain(ref: BlockRef): void {
    this.words[ref >>> PLACE_BITS][(ref & PLACE_MASK) * 2 + 1]++;
  }

  /** One reference less; with the last the block is free. */
  release(ref: BlockRef): void {
    if (--this.words[ref >>> PLACE_BITS][(ref & PLACE_MASK) * 2 + 1] === 0) this.free(ref);
  }

  /** How many bytes it was allocated for. */
  length(ref: BlockRef): number {
    const header = this.words[ref >>> PLACE_BITS][(ref & PLACE_MASK) * 2];
    return ((header & GRANULES_MASK) - 1) * 8 - (header >>> PADDING_SHIFT);
  }

  /** The slab that holds the block's bytes, from `start` on. */
  buffer(ref: BlockRef): Buffer {
    return this.buffers[ref >>> PLACE_BITS];
  }

  start(ref: BlockRef): number {
    return (ref & PLACE_MASK) * 8 + 8;
  }

  private free(ref: BlockRef): void {
    const words = this.words[ref >>> PLACE_BITS];
    let first = ref;
    const word = (ref & PLACE_MASK) * 2;
    let granules = words[word] & GRANULES_MASK;
    this.granulesInUse -= granules;
    const next = words[word + granules * 2];
    if (next & FREE) {
      this.unlink(ref + granules, next & GRANULES_MASK);
      granules += next & GRANULES_MASK;
    }
    if (words[word] & PREVIOUS_FREE) {
      const before = words[word - 1];
      first -= before;
      this.unlink(first, before);
      granules += before;
    }
    if (granules === allOf(words) && !this.keepSpare(ref >>> PLACE_BITS)) return;
    this.makeFree(first, granules);
    words[(first & PLACE_MASK) * 2 + granules * 2] |= PREVIOUS_FREE;
  }

  /** Whether a slab that has become all free is to be kept, as the larger of two is; otherwise it is gone. */
  private keepSpare(slab: number): boolean {
    const spare = this.spare;
    if (spare >= 0) {
      const words = this.words[spare];
      if (words.length >= this.words[slab].length) {
        this.dropSlab(slab);
        return false;
      }
      this.unlink((spare << PLACE_BITS) | 1, allOf(words));
      this.dropSlab(spare);
    }
    this.spare = slab;
    return true;
  }

  private dropSlab(slab: number): void {
    const words = this.words[slab];
    this.granulesReserved -= words.length >>> 1;
    givenUp(words.byteLength, words);
    this.words[slab] = NO_WORDS;
    this.buffers[slab] = NO_BYTES;
    this.vacant.push(slab);
  }

  /** Adds a slab that can hold a block of so many granules. */
  private addSlab(wanted: number): void {
    while ((this.nextSlabBytes >>> 3) - 2 < classCeiling(wanted)) this.nextSlabBytes *= 2;
    const slab = this.vacant.pop() ?? this.words.length;
    if (slab === MAX_SLABS) throw new RangeError('the byte store is full: 30 GiB are in use');
    const bytes = offHeap(this.nextSlabBytes);
    const granules = this.nextSlabBytes >>> 3;
    this.words[slab] = new Int32Array(bytes);
    this.buffers[slab] = Buffer.from(bytes);
    this.granulesReserved += granules;
    this.nextSlabBytes = Math.min(this.nextSlabBytes * 2, MAX_SLAB_BYTES);
    this.makeFree((slab << PLACE_BITS) | 1, granules - 2);
    this.words[slab][(granules - 1) * 2] = PREVIOUS_FREE;
  }

  /** Writes a free block and puts it first in its list. What comes after it must be told apart. */
  private makeFree(ref: BlockRef, granules: number): void {
    const words = this.words[ref >>> PLACE_BITS];
    const word = (ref & PLACE_MASK) * 2;
    const sizeClass = classOf(granules);
    const next = this.firstOfClass[sizeClass];
    words[word] = granules | FREE;
    words[word + 1] = next;
    words[word + 2] = 0;
    words[word + granules * 2 - 1] = granules;
    if (next !== 0) this.words[next >>> PLACE_BITS][(next & PLACE_MASK) * 2 + 2] = ref;
    else this.classesInUse[sizeClass >>> 5] |= 1 << (sizeClass & 31);
    this.firstOfClass[sizeClass] = ref;
  }

  private unlink(ref: BlockRef, granules: number): void {
    const words = this.words[ref >>> PLACE_BITS];
    const word = (ref & PLACE_MASK) * 2;
    const next = words[word + 1];
    const previous = words[word + 2];
    if (next !== 0) this.words[next >>> PLACE_BITS][(next & PLACE_MASK) * 2 + 2] = previous;
    if (previous !== 0) {
      this.words[previous >>> PLACE_BITS][(previous & PLACE_MASK) * 2 + 1] = next;
      return;
    }
    const sizeClass = classOf(granules);
    this.firstOfClass[sizeClass] = next;
    if (next === 0) this.classesInUse[sizeClass >>> 5] &= ~(1 << (sizeClass & 31));
  }

  /** The smallest class with a free block in which every block has so many granules, -1 = none. */
  private classInUseFrom(granules: number): number {
    const least = classOf(classCeiling(granules));
    let index = least >>> 5;
    let bits = this.classesInUse[index] & (-1 << (least & 31));
    while (bits === 0) {
      if (++index === this.classesInUse.length) return -1;
      bits = this.classesInUse[index];
    }
    return index * 32 + 31 - Math.clz32(bits & -bits);
  }
}

/** The granules of a slab between its first and its last, which are its own. */
function allOf(words: Int32Array): number {
  return (words.length >>> 1) - 2;
}

/** The class of a free block: its size below 32 granules, above that eight classes per doubling. */
function classOf(granules: number): number {
  if (granules < EXACT_CLASSES) return granules;
  const exponent = 31 - Math.clz32(granules);
  return EXACT_CLASSES + (exponent - 5) * 8 + ((granules >>> (exponent - 3)) & 7);
}

/** The size rounded up to one that begins a class. */
function classCeiling(granules: number): number {
  if (granules < EXACT_CLASSES) return granules;
  const step = 1 << (28 - Math.clz32(granules));
  return (granules + step - 1) & -step;
}
