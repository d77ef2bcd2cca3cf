const BEGIN = '{"work_units":[';
const END = ']}';
const ENCODER = new TextEncoder();
/** So much text is gathered before it becomes bytes, in characters: to turn each unit into bytes by itself takes longer. */
const GATHERED_CHARS = 16 * 1024;
/** The most bytes that a character of a string takes in UTF-8. */
const BYTES_A_CHAR = 3;

/**
 * The body of a request that adds units, as bytes which are used for one batch after another: strings of that length would be
 * garbage that is collected late, so that memory grows with how busy the machine is.
 */
export class BatchBody {
  /** How many units are in it. */
  units = 0;
  /** Their JSON, in characters. */
  chars = 0;
  private bytes = new Uint8Array(8 * GATHERED_CHARS);
  private length = 0;
  private text = BEGIN;

  /** @param json - a unit as the API takes it */
  add(json: string): void {
    this.text += this.units === 0 ? json : `,${json}`;
    this.units++;
    this.chars += json.length + 1;
    if (this.text.length >= GATHERED_CHARS) this.flush();
  }

  /** What is sent. It holds until `clear`. */
  end(): Uint8Array<ArrayBuffer> {
    this.text += END;
    this.flush();
    return this.bytes.subarray(0, this.length);
  }

  /** Begins the next batch. Nobody may still send the one before. */
  clear(): void {
    this.units = 0;
    this.chars = 0;
    this.length = 0;
    this.text = BEGIN;
  }

  private flush(): void {
    const needed = this.length + this.text.length * BYTES_A_CHAR;
    if (needed > this.bytes.length) {
      const larger = new Uint8Array(Math.max(needed, 2 * this.bytes.length));
      larger.set(this.bytes.subarray(0, this.length));
      this.bytes = larger;
    }
    this.length += ENCODER.encodeInto(this.text, this.bytes.subarray(this.length)).written;
    this.text = '';
  }
}
