export {};
//# sourceMappingURL=site.js.map