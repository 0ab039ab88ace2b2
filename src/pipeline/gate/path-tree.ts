/**
 * Paths as a tree, so that looking at a path and all the folders above it takes time linear in its length: a path of
 * 4,096 bytes may have two thousand folders, whose names written out in full would be megabytes.
 */
interface PathTree {
  /** The folders of a path from the root on, and the path itself. */
  walk(path: string): Generator<{ readonly place: Place; readonly entry: Entry }>
}

/** One place on disk, whatever the spelling of its names. */
interface Place {
  readonly children: Map<string, Place>
  /** What is there; the caller sets it. */
  holder: Entry | undefined
}

interface Entry {
  /** The same object for the same path, letter by letter. */
  readonly spelling: Spelling
  readonly isFile: boolean
}

interface Spelling {
  readonly name: string
  readonly parent: Spelling | undefined
  readonly children: Map<string, Spelling>
}

/** @param fold one key for all spellings of a name that are the same place. */
export function createPathTree(fold: (name: string) => string): PathTree {
  const root: Place = { children: new Map(), holder: undefined }
  const first: Spelling = { name: '', parent: undefined, children: new Map() }
  return {
    *walk(path) {
      const names = path.split('/')
      let place = root
      let spelling = first
      for (const [index, name] of names.entries()) {
        place = childOf(place.children, fold(name), { children: new Map(), holder: undefined })
        spelling = childOf(spelling.children, name, { name, parent: spelling, children: new Map() })
        yield { place, entry: { spelling, isFile: index === names.length - 1 } }
      }
    },
  }
}

function childOf<T>(children: Map<string, T>, key: string, otherwise: T): T {
  const child = children.get(key) ?? otherwise
  children.set(key, child)
  return child
}

/** Written out: `a/b/c`. */
export function pathOf(spelling: Spelling): string {
  const names: string[] = []
  for (let at: Spelling | undefined = spelling; at?.parent; at = at.parent) names.push(at.name)
  return names.reverse().join('/')
}
