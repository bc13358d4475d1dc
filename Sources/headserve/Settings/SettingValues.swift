internal import Logging
internal import Logs
internal import Service

/// Values of all settings but the models.
struct SettingValues {
    var options = ServiceOptions()
    var logFormat = LogFormat.text
    var logLevel = Logger.Level.info
}
