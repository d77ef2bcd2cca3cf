/** Where the members of a list keep their neighbours; 0 = none. */
export interface Links {
  previousOf(id: number): number;
  setPreviousOf(id: number, other: number): void;
  nextOf(id: number): number;
  setNextOf(id: number, other: number): void;
}

/**
 * A doubly linked list whose links are in the members' own records. Ids are 1 or more; a member can be in one list only
 * per pair of links. Every operation is O(1).
 */
export class LinkedList {
  private first = 0;
  private last = 0;
  private members = 0;
  private readonly links: Links;

  constructor(links: Links) {
    this.links = links;
  }

  /** The first member, 0 = none. */
  get head(): number {
    return this.first;
  }

  /** The last member, 0 = none. */
  get tail(): number {
    return this.last;
  }

  get size(): number {
    return this.members;
  }

  /** Puts it at the end. It must not be in the list already. */
  append(id: number): void {
    const last = this.last;
    this.links.setPreviousOf(id, last);
    this.links.setNextOf(id, 0);
    if (last === 0) this.first = id;
    else this.links.setNextOf(last, id);
    this.last = id;
    this.members++;
  }

  /** Takes it out and zeroes its links. It must be in the list. */
  remove(id: number): void {
    const previous = this.links.previousOf(id);
    const next = this.links.nextOf(id);
    if (previous === 0) this.first = next;
    else this.links.setNextOf(previous, next);
    if (next === 0) this.last = previous;
    else this.links.setPreviousOf(next, previous);
    this.links.setPreviousOf(id, 0);
    this.links.setNextOf(id, 0);
    this.members--;
  }
}
