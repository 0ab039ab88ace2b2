import type { Project } from '../checks/project.ts'
import { inlineCode } from '../text/fenced.ts'
import type { VerifiedFile } from './verified-file.ts'

/** Files that say how commands run: what Backspace reads, and what describes a dev container. */
const SETTINGS = /^\.github\/backspace\.ya?ml$|^\.devcontainer(?:\.json|\/(?:[^/]+\/)?devcontainer\.json)$/

/**
 * A project whose settings are those of the base commit: a change must not decide with which commands, variables and services
 * it is verified. Manifests and lock files stay those of the change, and so do scripts that the settings name.
 *
 * @param files of the change, on top of the base commit.
 */
export function withBaseSettings(project: Project, files: readonly VerifiedFile[]): Project {
  const changed = files.flatMap(settingsAtBase)
  if (changed.length === 0) return project
  const base = new Map(changed)
  const present = changed.flatMap(([path, bytes]) => (bytes === null ? [] : [path]))
  return {
    ...project,
    files: new Set([...[...project.files].filter((path) => !base.has(path)), ...present]),
    async read(path) {
      if (!base.has(path)) return await project.read(path)
      const bytes = base.get(path)
      return bytes ? new TextDecoder().decode(bytes) : undefined
    },
  }
}

/** Sentences for people on settings that a change edits, and that do not count for it yet. */
export function settingsSentences(files: readonly VerifiedFile[]): readonly string[] {
  const paths = new Set(files.flatMap(settingsAtBase).map(([path]) => path))
  return [...paths].map(
    (path) => `This change edits ${inlineCode(path, 80)}; setup and checks ran as the base commit has it.`,
  )
}

/** Null: there is no such file at the base commit; undefined: it is too large to be read. */
function settingsAtBase({
  path,
  previousPath,
  status,
  before,
}: VerifiedFile): readonly (readonly [string, Uint8Array | null | undefined])[] {
  const isNew = status === 'added' || previousPath !== undefined
  const known = [[path, isNew ? null : before] as const]
  const earlier = previousPath === undefined ? [] : [[previousPath, before] as const]
  return [...known, ...earlier].filter(([name]) => SETTINGS.test(name))
}
