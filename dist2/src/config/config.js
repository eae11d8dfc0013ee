/** The decoded configuration: what the rest of the program takes. Units are milliseconds and bytes, paths are absolute. */
export {};
//# sourceMappingURL=config.js.map