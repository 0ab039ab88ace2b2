/**
 * What lowlight's types need of those of highlight.js, which bring in the types of a browser's document. `paths` in
 * tsconfig.json leads here; at run time lowlight loads highlight.js itself.
 */
export type LanguageFn = (hljs: unknown) => unknown
export interface Emitter {
  addText(text: string): void
}
export interface HLJSOptions {
  readonly classPrefix?: string
}
