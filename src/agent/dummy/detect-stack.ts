import { posix } from 'node:path'

const MANIFESTS: readonly (readonly [file: RegExp, stack: string])[] = [
  [/^package\.json$/, 'Node.js'],
  [/^deno\.jsonc?$/, 'Deno'],
  [/^(?:pyproject\.toml|setup\.py|requirements\.txt|Pipfile)$/, 'Python'],
  [/^go\.mod$/, 'Go'],
  [/^Cargo\.toml$/, 'Rust'],
  [/^(?:pom\.xml|build\.gradle(?:\.kts)?)$/, 'Java'],
  [/^Gemfile$/, 'Ruby'],
  [/^composer\.json$/, 'PHP'],
  [/\.(?:csproj|sln|fsproj)$/, '.NET'],
  [/^(?:CMakeLists\.txt|Makefile|meson\.build)$/, 'make or CMake'],
]

/** Stacks by their manifests nearest to the root, with the manifest that says so. */
export function detectStack(
  files: readonly string[],
): readonly { readonly stack: string; readonly manifest: string }[] {
  const nearFirst = files.toSorted((a, b) => a.split('/').length - b.split('/').length || (a < b ? -1 : 1))
  return MANIFESTS.flatMap(([pattern, stack]) => {
    const manifest = nearFirst.find((file) => pattern.test(posix.basename(file)))
    return manifest === undefined ? [] : [{ stack, manifest }]
  })
}
