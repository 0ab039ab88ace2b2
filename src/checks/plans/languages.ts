/** File extensions with the ecosystems that can test such files, and the language's name for people. */
const SPEAKERS: readonly (readonly [endings: string, ecosystems: readonly string[], name: string])[] = [
  ['js jsx mjs cjs ts tsx mts cts', ['JavaScript', 'Deno'], 'JavaScript'],
  ['vue svelte astro', ['JavaScript', 'Deno'], 'JavaScript'],
  ['py pyi pyx', ['Python'], 'Python'],
  ['go', ['Go'], 'Go'],
  ['rs', ['Rust'], 'Rust'],
  ['java kt groovy', ['Maven', 'Gradle', 'Scala', 'Clojure'], 'Java'],
  ['scala', ['Scala', 'Maven', 'Gradle'], 'Scala'],
  ['clj cljs cljc', ['Clojure'], 'Clojure'],
  ['rb rake', ['Ruby'], 'Ruby'],
  ['php', ['PHP'], 'PHP'],
  ['cs fs vb razor', ['.NET'], '.NET'],
  ['ex exs', ['Elixir'], 'Elixir'],
  ['erl hrl', ['Erlang', 'Elixir'], 'Erlang'],
  ['dart', ['Dart'], 'Dart'],
  ['swift', ['Swift'], 'Swift'],
  ['hs', ['Haskell'], 'Haskell'],
  ['ml mli', ['OCaml'], 'OCaml'],
  ['zig', ['Zig'], 'Zig'],
]
const BY_ENDING = new Map(
  SPEAKERS.flatMap(([endings, ecosystems, name]) =>
    endings.split(' ').map((ending) => [ending, { ecosystems, name }] as const),
  ),
)

/** Source files that may belong to a project of any ecosystem. */
const SHARED =
  /\.(?:c|h|cc|cpp|cxx|hpp|hh|m|mm|s|asm|cu|sh|bash|zsh|fish|sql|proto|graphql|gql|css|scss|sass|less|html|hbs|ejs|erb|jinja2?|tf|lua|r|jl|pl|pm|nim|cr|gleam|sol|wgsl|glsl|v|sv|vhd)$/i

const MANIFESTS: readonly (readonly [name: RegExp, ecosystems: readonly string[]])[] = [
  [
    /^(?:package(?:-lock)?\.json|npm-shrinkwrap\.json|pnpm-.*\.yaml|yarn\.lock|bun\.lockb?|tsconfig.*\.json)$/,
    ['JavaScript'],
  ],
  [
    /^(?:pyproject\.toml|setup\.(?:py|cfg)|.*requirements.*\.txt|uv\.lock|poetry\.lock|Pipfile(?:\.lock)?)$/,
    ['Python'],
  ],
  [/^go\.(?:mod|sum|work)$/, ['Go']],
  [/^Cargo\.(?:toml|lock)$/, ['Rust']],
  [/^pom\.xml$/, ['Maven']],
  [/\.gradle(?:\.kts)?$/, ['Gradle']],
  [/^Gemfile(?:\.lock)?$|\.gemspec$/, ['Ruby']],
  [/^composer\.(?:json|lock)$/, ['PHP']],
  [/^mix\.(?:exs|lock)$/, ['Elixir']],
  [/^pubspec\.(?:yaml|lock)$/, ['Dart']],
  [/\.(?:sln|slnx|csproj|fsproj)$/, ['.NET']],
  [/^CMakeLists\.txt$/, ['CMake']],
  [/^meson\.build$/, ['Meson']],
]

/** Texts for people, pictures, and files that only CI and editors read. */
const NO_SOURCE =
  /(?:^|\/)(?:\.github|\.gitlab|\.circleci|\.vscode|\.idea|\.changeset|LICENSES?)\/|(?:^|\/)(?:LICEN[CS]E|NOTICE|AUTHORS|CODEOWNERS|CHANGELOG|README)[^/.]*$|\.(?:md|mdx|rst|adoc|txt|png|jpe?g|gif|svg|ico|webp|pdf|woff2?)$/i

/** What a file means for checks: `none` is not checked, `data` is every other file. */
export type FileKind =
  | { readonly kind: 'none' }
  /** Source that may belong to a project of any ecosystem. */
  | { readonly kind: 'shared' }
  | { readonly kind: 'data' }
  | { readonly kind: 'source'; readonly ecosystems: readonly string[]; readonly language: string }
  | { readonly kind: 'manifest'; readonly ecosystems: readonly string[] }

export function fileKind(path: string): FileKind {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const manifest = MANIFESTS.find(([pattern]) => pattern.test(name))
  if (manifest !== undefined) return { kind: 'manifest', ecosystems: manifest[1] }
  if (NO_SOURCE.test(path)) return { kind: 'none' }
  const speaker = BY_ENDING.get(name.slice(name.lastIndexOf('.') + 1).toLowerCase())
  if (speaker !== undefined && name.includes('.')) {
    return { kind: 'source', ecosystems: speaker.ecosystems, language: speaker.name }
  }
  return SHARED.test(name) ? { kind: 'shared' } : { kind: 'data' }
}
