import type { Pieces } from '../../time/pieces.ts'

/** Paths that are looked at between two pauses. */
const PIECE = 200

/**
 * Paths as a tree, so that looking at a path and all the folders above it takes time linear in its length: a path of
 * 4,096 bytes may have two thousand folders, whose names written out in full would be megabytes.
 */
interface PathTree {
  /** The folders of a path from the root on, and the path itself. */
  walk(path: string): Generator<Step>
  /**
   * Sets the holder of every place on these paths that a walk has come to: a repository may have a hundred thousand
   * paths. Most of them share no folder with a change.
   *
   * @param isThere default: all of them.
   */
  hold(paths: Iterable<string>, isThere?: (path: string) => boolean): Pieces<void>
}

interface Step {
  readonly place: Place
  readonly entry: Entry
}

/** One place on disk, whatever the spelling of its names. */
interface Place {
  readonly children: Map<string, Place>
  /** What is there. */
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
  function* steps(path: string, isFollowing: boolean): Generator<Step> {
    let place = root
    let spelling = first
    for (let start = 0; start <= path.length; ) {
      const slash = path.indexOf('/', start)
      const end = slash === -1 ? path.length : slash
      const name = path.slice(start, end)
      const key = fold(name)
      if (isFollowing && !place.children.has(key)) return
      place = childOf(place.children, key, { children: new Map(), holder: undefined })
      spelling = childOf(spelling.children, name, { name, parent: spelling, children: new Map() })
      yield { place, entry: { spelling, isFile: slash === -1 } }
      start = end + 1
    }
  }

  return {
    walk: (path) => steps(path, false),
    *hold(paths, isThere = () => true) {
      let count = 0
      for (const path of paths) {
        if (++count % PIECE === 0) yield
        if (!isThere(path)) continue
        for (const { place, entry } of steps(path, true)) place.holder = entry
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
