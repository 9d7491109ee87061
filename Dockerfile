# The pages are built first, with Node.js, so that the second stage needs none.
FROM node:22-bookworm-slim AS pages
WORKDIR /source/src/Billing.Web
COPY src/Billing.Web/package.json src/Billing.Web/package-lock.json src/Billing.Web/.npmrc ./
RUN npm ci --no-audit --no-fund
COPY src/Billing.Web/ ./
# The operations are checked against it.
COPY schema.graphql /source/
RUN npm run build

FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
COPY . .
COPY --from=pages /source/src/Billing.Web/dist src/Billing.Web/dist
RUN dotnet publish src/Billing.Silo -c Release -o /app -p:SkipWeb=true

FROM mcr.microsoft.com/dotnet/aspnet:10.0
WORKDIR /app
COPY --from=build /app .
# The embedded database, when no other is configured; and in Development a key for codes.
RUN mkdir /data data && chown "$APP_UID" /data data
ENV Billing__Storage__SqlitePath=/data/billing.db
VOLUME /data
USER $APP_UID
EXPOSE 8080 11111
ENTRYPOINT ["dotnet", "Billing.Silo.dll"]
