"""The law's clock of a request: opened, computed anew when something happens, never changed by itself."""
