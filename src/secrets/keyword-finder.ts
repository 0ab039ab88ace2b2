/** Called for every place of a keyword, with the keyword's index in the list and the place where it begins. */
type OnKeyword = (keyword: number, start: number) => void

/** A part of a text, and the state that the search of the part before returned. */
interface Part {
  readonly from: number
  readonly to: number
  readonly state: number
}

/**
 * Finds every place of many keywords in one pass. A text may also be searched in parts, one after the other.
 *
 * @returns the state of the search, to be passed on with the next part.
 */
export type KeywordFinder = (text: string, onKeyword: OnKeyword, part?: Part) => number

/**
 * Builds a complete automaton by Aho and Corasick: one step per character, whatever the text. An alternation of all
 * keywords is as fast in V8 on ordinary text, but at each place it finds only one keyword, and none that overlaps it.
 *
 * @param keywords none may be empty.
 * @param options.ignoreCase ASCII letters match in both cases; the keywords must be in lower case.
 */
export function createKeywordFinder(
  keywords: readonly string[],
  { ignoreCase }: { readonly ignoreCase: boolean },
): KeywordFinder {
  const { classes, width } = classify(keywords, ignoreCase)
  const { next, found } = buildStates(keywords, { classes, width })
  const known = classes.length

  return (text, onKeyword, part) => {
    const end = part?.to ?? text.length
    let state = part?.state ?? 0
    for (let at = part?.from ?? 0; at < end; at++) {
      const code = text.charCodeAt(at)
      state = next[state * width + (code < known ? (classes[code] ?? 0) : 0)] ?? 0
      const here = found[state]
      if (here === undefined) continue
      for (const keyword of here) onKeyword(keyword, at + 1 - (keywords[keyword]?.length ?? 0))
    }
    return state
  }
}

/** Gives a number to each character that occurs in a keyword; 0 is for all others. */
function classify(keywords: readonly string[], ignoreCase: boolean): { classes: Uint16Array; width: number } {
  const codes = [
    ...new Set(keywords.flatMap((word) => [...Array(word.length).keys()].map((at) => word.charCodeAt(at)))),
  ]
  const classes = new Uint16Array(Math.max(128, ...codes.map((code) => code + 1)))
  codes.forEach((code, index) => {
    classes[code] = index + 1
    if (ignoreCase && code >= 97 && code <= 122) classes[code - 32] = index + 1
  })
  return { classes, width: codes.length + 1 }
}

interface States {
  /** The next state, by state and class of the next character. */
  readonly next: Uint32Array
  /** The keywords that end in a state. */
  readonly found: readonly (readonly number[] | undefined)[]
}

function buildStates(
  keywords: readonly string[],
  { classes, width }: { classes: Uint16Array; width: number },
): States {
  const most = keywords.reduce((sum, word) => sum + word.length, 1)
  const next = new Uint32Array(most * width)
  const found: (number[] | undefined)[] = [undefined]
  const classAt = (word: string, at: number) => classes[word.charCodeAt(at)] ?? 0
  keywords.forEach((word, number) => {
    let state = 0
    for (let at = 0; at < word.length; at++) {
      const slot = state * width + classAt(word, at)
      if (next[slot] === 0) next[slot] = found.push(undefined) - 1
      state = next[slot] ?? 0
    }
    found[state] = [...(found[state] ?? []), number]
  })
  completeStates({ next, found, width })
  return { next: next.slice(0, found.length * width), found }
}

/**
 * Completes the states breadth first: where a keyword cannot go on, the automaton continues with the longest beginning
 * of another keyword that fits.
 */
function completeStates({
  next,
  found,
  width,
}: {
  next: Uint32Array
  found: (number[] | undefined)[]
  width: number
}): void {
  const fallback = new Uint32Array(found.length)
  const queue = [...next.subarray(0, width)].filter((state) => state !== 0)
  for (const state of queue) {
    const other = fallback[state] ?? 0
    const more = found[other]
    if (more) found[state] = [...(found[state] ?? []), ...more]
    for (let index = 0; index < width; index++) {
      const slot = state * width + index
      const target = next[slot] ?? 0
      const instead = next[other * width + index] ?? 0
      if (target === 0) next[slot] = instead
      else {
        fallback[target] = instead
        queue.push(target)
      }
    }
  }
}
