// Made by `npm run client` from the schemas of the API; do not edit.
export {};
