import type { Project } from '../checks/project.ts'
import { inlineCode } from '../text/markdown/fenced.ts'
import type { VerifiedFile } from './verified-file.ts'

/** Files that decide how commands run: Backspace's settings, and descriptions of a dev container. */
const SETTINGS = /^\.github\/backspace\.ya?ml$|^\.devcontainer(?:\.json|\/(?:[^/]+\/)?devcontainer\.json)$/

/**
 * A project with the settings of the base commit, because a change must not decide with which commands, variables and
 * services it is verified. Manifests, lock files, and scripts that the settings name stay those of the change.
 *
 * @param files the files of the change, on top of the base commit.
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

/** Sentences for people on edited settings that did not apply to this change yet. */
export function settingsSentences(files: readonly VerifiedFile[]): readonly string[] {
  const paths = new Set(files.flatMap(settingsAtBase).map(([path]) => path))
  return [...paths].map(
    (path) => `This change edits ${inlineCode(path, 80)}; setup and checks ran as the base commit has it.`,
  )
}

/** The settings file at the base commit; null if there is none, undefined if it is too large to read. */
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
