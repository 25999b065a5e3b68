namespace RdmaCollectives.Worker;

/// <summary>Answers are one line each.</summary>
internal static class Answer
{
    public static string OneLine(string text) => text.ReplaceLineEndings(" ");

    /// <summary><c>fail Type[Error]: message</c>.</summary>
    public static string Failure(Exception error)
    {
        Exception cause = error is AggregateException { InnerException: { } inner } ? inner : error;
        string kind = cause is CollectiveException collective ? $"[{collective.Error}, rank {collective.Rank}, peer {collective.Peer}]" : "";
        return OneLine($"fail {cause.GetType().Name}{kind}: {cause.Message}");
    }
}
