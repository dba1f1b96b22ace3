// Finds any of many texts in tens of megabytes: Wu and Manber's search, which looks at every tenth byte or so.

/** Shorter texts would be found by chance, and are not searched for. */
export const SHORTEST = 12;

/** The last pair of bytes that is looked at of each text; pairs after it are not. */
const LAST = SHORTEST - 2;

export class Finder {
  /** How far the next look may be away, by the pair of bytes under the eye. */
  private readonly shift = new Uint8Array(1 << 16).fill(LAST + 1);
  /** The texts whose last pair this is. */
  private readonly ends = new Map<number, { bytes: Buffer; what: string }[]>();

  /** `what` is told when `text` is found. */
  add(text: string, what: string): void {
    const bytes = Buffer.from(text);
    if (bytes.length < SHORTEST) return;
    for (let at = 0; at <= LAST; at++) {
      const pair = bytes.readUInt16BE(at);
      this.shift[pair] = Math.min(this.shift[pair] ?? 0, LAST - at);
    }
    const last = bytes.readUInt16BE(LAST);
    this.ends.set(last, [...(this.ends.get(last) ?? []), { bytes, what }]);
  }

  /** What was found, each thing once. */
  search(hay: Buffer): Set<string> {
    const found = new Set<string>();
    for (let at = LAST; at + 1 < hay.length; ) {
      const pair = ((hay[at] ?? 0) << 8) | (hay[at + 1] ?? 0);
      const far = this.shift[pair] ?? 1;
      if (far === 0) {
        for (const { bytes, what } of this.ends.get(pair) ?? []) {
          const start = at - LAST;
          if (bytes.equals(hay.subarray(start, start + bytes.length))) found.add(what);
        }
      }
      at += Math.max(far, 1);
    }
    return found;
  }
}
