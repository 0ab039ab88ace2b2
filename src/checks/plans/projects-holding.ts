import { fileKind } from './languages.ts'
import type { ProjectPlan } from './plan.ts'

/** Ecosystems whose projects may hold files of every language. */
export const OF_ANY_LANGUAGE = new Set<string>(['make', 'just', 'CI'])

export interface Holding {
  /** The projects of the innermost folder that holds the file, of the file's language if it is known; may be empty. */
  readonly holders: readonly ProjectPlan[]
  /** The file's language, if no project can test it. */
  readonly foreign?: string | undefined
}

/** The general projects that check a folder whose own language has no check: a makefile beside Python files. */
function coveringIdle(speaking: readonly ProjectPlan[], general: readonly ProjectPlan[]) {
  if (speaking.some(({ checks }) => checks.length > 0)) return []
  return general.filter(({ folder, checks }) => folder === speaking[0]?.folder && checks.length > 0)
}

/** Returns a function that finds the projects of a file by its path relative to the root, in time proportional to its folders. */
export function holdingIn(projects: readonly ProjectPlan[]): (path: string) => Holding {
  const byFolder = new Map<string, ProjectPlan[]>()
  for (const one of projects) byFolder.set(one.folder, [...(byFolder.get(one.folder) ?? []), one])

  function innermost(path: string, suits: (project: ProjectPlan) => boolean): readonly ProjectPlan[] {
    for (let end = path.lastIndexOf('/'); end !== -1; end = path.lastIndexOf('/', end - 1)) {
      const found = byFolder.get(path.slice(0, end))?.filter(suits) ?? []
      if (found.length > 0) return found
      if (end === 0) break
    }
    return byFolder.get('')?.filter(suits) ?? []
  }

  return (path) => {
    const file = fileKind(path)
    if (file.kind === 'none') return { holders: [] }
    if (file.kind === 'shared' || file.kind === 'data') return { holders: innermost(path, () => true) }
    const speaking = innermost(path, ({ ecosystem }) => file.ecosystems.includes(ecosystem))
    const general = innermost(path, ({ ecosystem }) => OF_ANY_LANGUAGE.has(ecosystem))
    if (speaking.length > 0) return { holders: [...speaking, ...coveringIdle(speaking, general)] }
    if (general.length > 0) return { holders: general }
    return file.kind === 'manifest'
      ? { holders: innermost(path, () => true) }
      : { holders: [], foreign: file.language }
  }
}
