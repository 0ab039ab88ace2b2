import type { Project } from '../../src/checks/project.ts'

/** A project with these files; a text of `''` does for those that only need to be there. */
export function projectOf(files: Readonly<Record<string, string | object>>): Project {
  return {
    files: new Set(Object.keys(files)),
    tools: new Set(),
    toolchains: [],
    async read(path) {
      const file = files[path]
      return file === undefined || typeof file === 'string' ? file : JSON.stringify(file)
    },
  }
}

/** A `package.json` with these scripts. */
export function scripts(of: Readonly<Record<string, string>>): { readonly scripts: typeof of } {
  return { scripts: of }
}
