import type { Project } from '../../src/checks/project.ts'

/** A project made of these files, as `readProject` would show it; no program is installed unless named. */
export function projectOf(
  files: Readonly<Record<string, string>>,
  tools: readonly string[] = [],
  toolchains: Project['toolchains'] = [],
): Project {
  return {
    files: new Set(Object.keys(files)),
    tools: new Set(tools),
    toolchains,
    read: async (path) => files[path],
  }
}
