import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { INSIDE } from './bubblewrap-options.ts'
import { findToolchains, type Mount } from './find-toolchains.ts'
import { type LentDirectories, lendDirectories } from './lend-directories.ts'
import { stageScripts } from './stage-scripts.ts'
import type { HostUser } from './unprivileged-user.ts'

/** The host's tools as a box gets them. */
export interface StagedToolchains extends LentDirectories {
  /** PATH, and where to find libraries of tools that do not lie where they were built for. */
  readonly env: Readonly<Record<string, string>>
}

interface StageOptions {
  readonly hidden: readonly string[]
  readonly user: HostUser | undefined
  /** Private directory of the box on the host. */
  readonly directory: string
}

/** Finds the tools on the host's PATH and makes them work where a box has them. */
export async function stageToolchains(
  path: string,
  { hidden, user, directory }: StageOptions,
): Promise<StagedToolchains> {
  const toolchains = findToolchains(path, hidden)
  const { mounts, lender } = await lendDirectories(toolchains.mounts, { user, directory })
  const offered = toolchains.mounts.filter(({ target }) => mounts.some((mount) => mount.target === target))
  const moved = offered.filter(({ source, target }) => source !== target)
  const scripts = await Promise.all(moved.map((toolchain) => stageScripts(directory, toolchain)))
  const staged = scripts.filter((mount) => mount !== undefined)
  const libraries = await Promise.all(moved.map(ownLibraries))
  const libraryPath = libraries.flat().join(':')
  const bins = [...staged.map(({ target }) => target), ...toolchains.path, INSIDE.bin]
  return {
    mounts: [...mounts, ...staged],
    lender,
    env: { PATH: bins.join(':'), ...(libraryPath === '' ? {} : { LD_LIBRARY_PATH: libraryPath }) },
  }
}

/** Interpreters that were built with a shared library look for it where they were installed. */
async function ownLibraries({ source, target }: Mount): Promise<readonly string[]> {
  const names = await readdir(join(source, 'lib')).catch(() => [])
  return names.some((name) => /^lib(?:python|ruby).*\.so/.test(name)) ? [`${target}/lib`] : []
}
