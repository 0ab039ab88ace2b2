import { fileKind } from './languages.ts'
import type { ProjectPlan } from './plan.ts'

/** Whose checks a file in a folder may belong to, whatever its language. */
export const OF_ANY_LANGUAGE = new Set<string>(['make', 'just', 'CI'])

export interface Holding {
  /** The projects of the innermost folder that holds the file, of its language if that is known; empty for none. */
  readonly holders: readonly ProjectPlan[]
  /** The language if projects hold the file, but none of them is of that language. */
  readonly foreign?: string | undefined
}

/** @param path of a file that is code or data, relative to the root. */
export function projectsHolding(projects: readonly ProjectPlan[], path: string): Holding {
  const around = projects.filter(({ folder }) => folder === '' || path.startsWith(`${folder}/`))
  const file = fileKind(path)
  if (file.kind === 'none') return { holders: [] }
  if (file.kind === 'shared' || file.kind === 'data') return { holders: innermost(around) }
  const speaking = around.filter(({ ecosystem }) => file.ecosystems.includes(ecosystem))
  const general = around.filter(({ ecosystem }) => OF_ANY_LANGUAGE.has(ecosystem))
  const holders = innermost([...speaking, ...(speaking.length > 0 ? [] : general)])
  if (holders.length > 0 || file.kind === 'manifest')
    return { holders: holders.length > 0 ? holders : innermost(around) }
  return { holders: [], foreign: file.language }
}

function innermost(projects: readonly ProjectPlan[]): readonly ProjectPlan[] {
  const longest = Math.max(-1, ...projects.map(({ folder }) => folder.length))
  return projects.filter(({ folder }) => folder.length === longest)
}
